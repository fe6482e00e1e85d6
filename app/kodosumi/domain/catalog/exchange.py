"""One HTTP exchange with a service: bounded in time and size, never led to another host."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from kodosumi.domain.errors import ServiceError, UnavailableError

CONNECT = 2.0
REDIRECTS = 3


@dataclass(frozen=True)
class Limits:
    """What one exchange may take: `seconds` in all, `size` of the answer in bytes."""

    seconds: float
    size: int


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def is_html(self) -> bool:
        """True when a browser should show it as a page."""
        return str(self.headers.get("content-type", "")).lower().startswith("text/html")

    @property
    def is_json(self) -> bool:
        """True when it says that it is JSON."""
        return str(self.headers.get("content-type", "")).lower().startswith("application/json")

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body as JSON, or None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Exchange:
    """Talks to services over one HTTP client."""

    def __init__(self, http: httpx.AsyncClient, limits: Limits) -> None:
        self._http = http
        self._limits = limits
        self._timeout = httpx.Timeout(limits.seconds, connect=min(CONNECT, limits.seconds))

    async def send(
        self,
        who: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        follow: bool = True,
    ) -> Answer:
        """Send a request and read the answer; redirects within the same host are followed.

        `who` is the name that messages use.

        Raises:
            UnavailableError: nobody answers, or not in time.
            ServiceError: the answer is too large, or leads away.
        """
        try:
            request = self._http.build_request(
                method,
                url,
                headers={**(headers or {}), "accept-encoding": "identity"},
                content=content,
                timeout=self._timeout,
            )
            async with asyncio.timeout(self._limits.seconds):
                return await self._follow(who, request, REDIRECTS if follow else 0)
        except (TimeoutError, httpx.TimeoutException) as error:
            msg = f"{who} did not answer within {self._limits.seconds:g} seconds."
            raise UnavailableError(msg) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            msg = f"{who} does not answer."
            raise UnavailableError(msg) from error

    async def _follow(self, who: str, request: httpx.Request, redirects: int) -> Answer:
        # The client collects cookies: those that one person was given must not go to another.
        request.headers.pop("cookie", None)
        response = await self._http.send(request, stream=True, follow_redirects=False)
        self._http.cookies.clear()
        try:
            after = response.next_request
            if after is None or redirects == 0:
                body = await self._read(who, response)
                return Answer(response.status_code, response.headers, body)
        finally:
            await response.aclose()
        if _origin(after.url) != _origin(request.url):
            msg = f"{who} leads to another host, {after.url.host}; it is not followed."
            raise ServiceError(msg)
        return await self._follow(who, after, redirects - 1)

    async def _read(self, who: str, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._limits.size:
                msg = f"{who} answers with more than {self._limits.size // 1_000_000} MB."
                raise ServiceError(msg)
        return bytes(body)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
