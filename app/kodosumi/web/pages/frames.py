"""Hand-written service pages, shown in a sandboxed frame.

Their HTML and scripts are the author's. The frame has an origin of its own, so neither cookies nor
the panel's pages are within its reach; what lets its requests in is a signed address.
"""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

import httpx
from litestar import HttpMethod, MediaType, Response, route
from litestar.params import FromPath

from kodosumi.domain.catalog.gateway import launched_by
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.errors import NotAllowedError
from kodosumi.domain.people.models import User
from kodosumi.web import security
from kodosumi.web.auth import OPEN
from kodosumi.web.capability import LIFETIME, Capability, unseal
from kodosumi.web.csrf import EXEMPT
from kodosumi.web.deps import Visit, services
from kodosumi.web.render import Page, Renderer
from kodosumi.wire.ids import new_job_id

_POLICY = (
    "sandbox allow-forms allow-scripts; default-src 'self' 'unsafe-inline' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_EXPIRED = "This form was open for too long. Reload the page of the service and enter it again."


@dataclass(frozen=True)
class LaunchedPage(Page):
    """Tells the page around the frame that a job was started."""

    template: ClassVar[str] = "services/launched.html"
    job_id: str
    nonce: str


def frame_path(request: Visit, service: Service) -> str:
    """Return the address under which this person may see the hand-written page of `service`."""
    expires = int(services(request).clock.now()) + LIFETIME
    token = Capability(request.user.id, service.id, expires).seal(request.app.state.signer)
    return f"/frame/{token}{service.path}"


@route(
    ["/frame/{token:str}", "/frame/{token:str}/{rest:path}"],
    http_method=[HttpMethod.GET, HttpMethod.POST],
    opt={**OPEN, **EXEMPT},
)
async def frame(request: Visit, token: FromPath[str]) -> Response[bytes]:
    """Pass the request on to the service, and the answer back; a launch is told to the panel."""
    user, service = await _admit(request, token)
    if request.method == HttpMethod.POST:
        services(request).jobs.admit()
    answer = await services(request).gateway.proxy(
        user,
        service,
        request.method,
        _path_below(request, token),
        dict(request.headers),
        await request.body(),
        new_job_id(),
        prefix=f"/frame/{token}",
    )
    if request.method == HttpMethod.POST and (started := launched_by(answer)):
        await services(request).jobs.open(started.job_id, user, service, {}, runner=started.runner)
        return _launched(request, started.job_id)
    return _passed(answer, service, token)


async def _admit(request: Visit, token: str) -> tuple[User, Service]:
    """Return whom and what a token is for.

    Raises:
        NotAllowedError: it is forged or over, or the person is disabled.
        NotFoundError: the service is out of the person's sight.
    """
    domain = services(request)
    capability = unseal(token, request.app.state.signer, domain.clock.now())
    user = await domain.people.by_id(capability.user_id) if capability else None
    if capability is None or user is None:
        raise NotAllowedError(_EXPIRED)
    return user, await domain.catalog.get(user, capability.service_id)


def _path_below(request: Visit, token: str) -> str:
    """Return path and query as the frame asked for them; routing has trimmed its own copy."""
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    below = path.partition(f"/frame/{token}")[2] or "/"
    query = request.scope["query_string"].decode("latin-1")
    return f"{below}?{query}" if query else below


def _launched(request: Visit, job_id: str) -> Response[bytes]:
    nonce = security.nonce(request.scope)
    renderer: Renderer = request.app.state.renderer
    policy = f"sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}'"
    return Response(
        renderer.render(LaunchedPage(job_id, nonce)).encode(),
        media_type=MediaType.HTML,
        status_code=200,
        headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'self'"},
    )


def _passed(answer: httpx.Response, service: Service, token: str) -> Response[bytes]:
    kept = "content-disposition"
    headers = {kept: answer.headers[kept]} if kept in answer.headers else {}
    if "location" in answer.headers:
        headers["location"] = _within(answer.headers["location"], service, token)
    return Response(
        answer.content,
        status_code=answer.status_code,
        media_type=answer.headers.get("content-type", "application/octet-stream"),
        headers={**headers, "Content-Security-Policy": _POLICY},
    )


def _within(location: str, service: Service, token: str) -> str:
    """Return where a redirect of the service leads within the frame; it never leads out of it."""
    try:
        there = urlsplit(location.replace("\\", "/"))
    except ValueError:
        return f"/frame/{token}/"
    if not (there.scheme or there.netloc or there.path.startswith("/")):
        return location
    below = there.path.removeprefix(urlsplit(service.base_url).path.rstrip("/"))
    return f"/frame/{token}/{below.lstrip('/')}" + (f"?{there.query}" if there.query else "")


route_handlers = [frame]
