"""Deploys to Ray Serve through the REST API of Ray's dashboard."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kodosumi.cluster.serve_config import Config
from kodosumi.domain.errors import UnavailableError

READY = "RUNNING"
FAILED = frozenset({"DEPLOY_FAILED", "UNHEALTHY"})

ANSWER = 120.0
"""Seconds that Ray may take to answer; it starts Serve before it answers the first deployment."""

TRIES = 3
PAUSE = 1.0
"""Seconds before a request that was dropped is sent again."""


@dataclass(frozen=True)
class AppStatus:
    """An application on Serve. `deployments` maps a deployment's name to its state."""

    name: str
    status: str
    route: str = ""
    message: str = ""
    deployments: Mapping[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """True when Serve has done what it was asked, or given up."""
        return self.status == READY or self.status in FAILED


class ServeDeployer:
    """Talks to the dashboard at `url`; `environment` tells how to sign in there.

    Every method raises UnavailableError when Ray does not answer or refuses.
    """

    def __init__(
        self, url: str, http: httpx.AsyncClient, environment: Mapping[str, str] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._http = http
        self._environment = os.environ if environment is None else environment

    async def deploy(self, config: Config) -> None:
        """Make Serve run the applications of `config`, and no others; returns before they do."""
        await self._ask("PUT", json=config)

    async def shutdown(self) -> None:
        """Remove all applications, and Serve itself."""
        await self._ask("DELETE")

    async def status(self) -> list[AppStatus]:
        """Return what is deployed."""
        found: dict[str, Any] = (await self._details()).get("applications", {})
        return [_app(name, details) for name, details in found.items()]

    async def http_port(self) -> int | None:
        """Return the port of Serve's HTTP, None when Serve does not run."""
        details = await self._details()
        if not details.get("controller_info", {}).get("actor_id"):
            return None
        port = (details.get("http_options") or {}).get("port")
        return None if port is None else int(port)

    async def _details(self) -> dict[str, Any]:
        details: dict[str, Any] = (await self._ask("GET")).json()
        return details

    async def _ask(self, method: str, **content: Any) -> httpx.Response:
        address = f"{self.url}/api/serve/applications/"
        headers = await asyncio.to_thread(auth_headers, self._environment)
        try:
            answer = await self._send(method, address, headers=headers, **content)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            msg = (
                f"Ray's dashboard does not answer at {self.url} ({_said(error)}). "
                "Start Ray with `koco start`, or say where it is with --dashboard."
            )
            raise UnavailableError(msg) from error
        if answer.is_error:
            msg = f"Ray refuses ({answer.status_code}): {_last_line(answer.text)}"
            raise UnavailableError(msg)
        return answer

    async def _send(self, method: str, address: str, **content: Any) -> httpx.Response:
        """Send a request that may be repeated; a dashboard that just starts drops some."""
        for _ in range(TRIES - 1):
            with suppress(httpx.RemoteProtocolError, httpx.ReadError):
                return await self._http.request(method, address, timeout=ANSWER, **content)
            await asyncio.sleep(PAUSE)
        return await self._http.request(method, address, timeout=ANSWER, **content)


def auth_headers(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a Ray with token authentication asks for; see RAY_AUTH_MODE."""
    if environment.get("RAY_AUTH_MODE") != "token":
        return {}
    token = environment.get("RAY_AUTH_TOKEN", "")
    if not token:
        default = Path.home() / ".ray" / "auth_token"
        path = Path(environment.get("RAY_AUTH_TOKEN_PATH") or default)
        token = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {"Authorization": f"Bearer {token.strip()}"}


def _app(name: str, details: dict[str, Any]) -> AppStatus:
    deployments = details.get("deployments", {})
    return AppStatus(
        name=name,
        status=details.get("status", ""),
        route=details.get("route_prefix") or "",
        message=_reason(details, *deployments.values()),
        deployments={key: each.get("status", "") for key, each in deployments.items()},
    )


def _reason(*parts: dict[str, Any]) -> str:
    """Return the first message: the application's, or else one of its deployments'."""
    return next(filter(None, (_last_line(part.get("message") or "") for part in parts)), "")


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _last_line(text: str) -> str:
    """Return the last line of a text that may be a traceback: there is the reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:500] if lines else ""
