"""Looking at one address for services: Ray Serve's list of routes, or an OpenAPI document."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from kodosumi.domain.catalog.addresses import DOCUMENT, ROUTES, folder
from kodosumi.domain.catalog.exchange import Exchange, Limits
from kodosumi.domain.catalog.openapi import Found, services_in
from kodosumi.domain.errors import DomainError, ServiceError, UnavailableError
from kodosumi.wire.codec import clean

LIMITS = Limits(seconds=5.0, size=2_000_000)
AT_ONCE = 8
_OK, _NOT_FOUND = 200, 404


@dataclass(frozen=True)
class Look:
    """What one address showed.

    `problem` is set when the address itself did not answer well; `problems` are those of single
    applications. Services whose source begins with one of `unsure` may be there all the same.
    """

    services: tuple[Found, ...] = ()
    problem: str = ""
    problems: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


class Probe:
    """Looks at addresses, at most eight applications at once. `home` is the address of Serve."""

    def __init__(self, http: httpx.AsyncClient, home: str) -> None:
        self._exchange = Exchange(http, LIMITS)
        self._home = home
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def look(self, url: str) -> Look:
        """Return what is published at `url`; never raises for what happens there."""
        root = url.removesuffix(ROUTES)
        try:
            return await (self._look_at_document(url) if root == url else self._look_at_serve(root))
        except DomainError as error:
            return Look(problem=str(error), unsure=(url if root == url else f"{root}/",))

    async def _look_at_document(self, url: str) -> Look:
        answer = await self._exchange.send(url, "GET", url)
        document = answer.json()
        if answer.status != _OK or not _is_openapi(document):
            msg = f"{url} is no OpenAPI document (status {answer.status})."
            raise ServiceError(msg)
        return Look(services=tuple(services_in(document, url, folder(url), self._home)))

    async def _look_at_serve(self, root: str) -> Look:
        answer = await self._exchange.send(f"Ray Serve at {root}", "GET", root + ROUTES)
        routes = answer.json()
        if answer.status != _OK or not isinstance(routes, dict):
            msg = f"Ray Serve at {root} is not ready (status {answer.status})."
            raise UnavailableError(msg)
        looks = (
            self._look_at_app(root, prefix, clean(str(app)))
            for prefix, app in routes.items()
            if prefix.startswith("/") and not prefix.startswith("/-/") and prefix.isprintable()
        )
        return _joined(await asyncio.gather(*looks))

    async def _look_at_app(self, root: str, prefix: str, app: str) -> Look:
        base = root + prefix.rstrip("/")
        source = base + DOCUMENT
        try:
            async with self._slots:
                answer = await self._exchange.send(app, "GET", source)
            return Look(services=self._published(app, answer.status, answer.json(), source))
        except DomainError as error:
            return Look(problems=(str(error),), unsure=(source,))

    def _published(self, app: str, status: int, document: Any, source: str) -> tuple[Found, ...]:
        if status == _NOT_FOUND:
            return ()  # an application that does not describe itself, and is none of ours
        if status != _OK or not _is_openapi(document):
            msg = f"{app} does not describe itself (status {status})."
            raise ServiceError(msg)
        return tuple(services_in(document, source, folder(source), self._home))


def _is_openapi(document: Any) -> bool:
    return isinstance(document, dict) and "openapi" in document


def _joined(looks: list[Look]) -> Look:
    return Look(
        services=tuple(found for look in looks for found in look.services),
        problems=tuple(problem for look in looks for problem in look.problems),
        unsure=tuple(source for look in looks for source in look.unsure),
    )
