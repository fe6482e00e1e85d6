"""FastAPI's decorators, with what makes a route a service."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import FastAPI

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class ServiceRoutes(FastAPI):
    """FastAPI whose routes can be services.

    Each decorator takes, besides FastAPI's arguments: `entry`, true for a route that the panel
    lists as a service; `author`, `organization` and `version` of it, shown by the panel.
    """

    def get(self, path: str, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        """Register a GET route; with `entry=True`, the page of a service."""
        return super().get(path, **described(**kwargs))

    def post(self, path: str, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        """Register a POST route; with a hand-written form, the one that returns `Launch`."""
        return super().post(path, **described(**kwargs))

    def put(self, path: str, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        """Register a PUT route."""
        return super().put(path, **described(**kwargs))

    def patch(self, path: str, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        """Register a PATCH route."""
        return super().patch(path, **described(**kwargs))

    def delete(self, path: str, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        """Register a DELETE route."""
        return super().delete(path, **described(**kwargs))

    def options(self, path: str, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        """Register an OPTIONS route."""
        return super().options(path, **described(**kwargs))

    def head(self, path: str, **kwargs: Any) -> Callable[[Endpoint], Endpoint]:
        """Register a HEAD route."""
        return super().head(path, **described(**kwargs))


def described(
    *,
    entry: bool = False,
    author: str | None = None,
    organization: str | None = None,
    version: str | None = None,
    openapi_extra: dict[str, Any] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Return FastAPI's arguments, with the service's own as `x-…` keys of the OpenAPI document."""
    extra = {
        "x-kodosumi": entry or None,
        "x-author": author,
        "x-organization": organization,
        "x-version": version,
    }
    known = {key: value for key, value in extra.items() if value is not None}
    return kwargs | {"openapi_extra": {**(openapi_extra or {}), **known} or None}
