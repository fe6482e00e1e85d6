"""ServeAPI: the app in which an author publishes services."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from fastapi.responses import JSONResponse

from kodosumi.sdk.form_page import FormPage
from kodosumi.sdk.forms import Model
from kodosumi.sdk.guard import Guard
from kodosumi.sdk.service_routes import Endpoint, ServiceRoutes

_NO_DESCRIPTION = "\f"
"""FastAPI cuts at a form feed; without one, it would take the docstrings of our methods."""

_JSON_BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


class ServeAPI(ServiceRoutes):
    """A FastAPI app with services in it, for Ray Serve or for uvicorn alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_middleware(Guard)

    def enter(
        self,
        path: str,
        model: Model,
        *,
        summary: str | None = None,
        description: str | None = None,
        version: str | None = None,
        author: str | None = None,
        organization: str | None = None,
        tags: Sequence[str] | None = None,
        deprecated: bool | None = None,
        **kwargs: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a service by a form.

        The function is called when the form was sent and its fields are right. It may take
        `inputs`, a dict of the parsed values, and `request`; it is async, or runs in a thread. It
        returns `Launch(…)`, or raises InputsError to show the form again.

        Args:
            path: Where the form is, under the app's own address.
            model: The form.
            summary: The service's name; the function's name by default.
            description: Markdown; the function's docstring by default.
            version: The service's version.
            author: Who wrote it.
            organization: For whom.
            tags: To find it by.
            deprecated: Shown as a warning.
            **kwargs: FastAPI's arguments of a route, for both GET and POST.
        """

        def publish(function: Endpoint) -> Endpoint:
            meta = {
                "summary": summary or function.__name__.replace("_", " ").capitalize(),
                "description": description or inspect.getdoc(function) or "",
                "version": version,
                "author": author,
                "organization": organization,
                "tags": list(tags or ()),
                "deprecated": bool(deprecated),
            }
            self._publish(path, FormPage(function, model, meta), kwargs | meta)
            return function

        return publish

    def _publish(self, path: str, page: FormPage, options: dict[str, Any]) -> None:
        """Add both routes; only the first declares the service, so that it is listed once."""
        name = page.function.__name__
        options["description"] = options["description"] or _NO_DESCRIPTION
        self.get(path, name=name, entry=True, **options)(page.show)
        body = (options.pop("openapi_extra", None) or {}) | _JSON_BODY
        options |= {"openapi_extra": body, "response_class": JSONResponse}
        self.post(path, name=name, **options)(page.submit)
