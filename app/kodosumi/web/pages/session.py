"""Sign-in and sign-out."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery
from litestar.status_codes import HTTP_200_OK, HTTP_401_UNAUTHORIZED

from kodosumi.domain.access import Action
from kodosumi.domain.errors import NotAllowedError
from kodosumi.settings import LOOPBACK
from kodosumi.web import csrf
from kodosumi.web.auth import OPEN, SESSION_COOKIE, local_path, needs
from kodosumi.web.deps import Visit, services
from kodosumi.web.framing import make_frame
from kodosumi.web.render import FramedPage
from kodosumi.web.replies import Html, go, html, text_of


@dataclass(frozen=True)
class SignInPage(FramedPage):
    """The sign-in form. `redirect` is where it leads; `name` and `problem` are of a failed try."""

    template: ClassVar[str] = "session/sign_in.html"
    redirect: str
    name: str = ""
    problem: str = ""


@get("/login", opt=OPEN)
async def show_sign_in(request: Visit, redirect: FromQuery[str] = "/") -> Html:
    """Show the form, unless somebody is signed in."""
    if request.user:
        return go(request, local_path(redirect))
    return _form(request, local_path(redirect))


@post("/login", opt=OPEN, status_code=HTTP_200_OK)
async def sign_in(request: Visit) -> Html:
    """Open a session, or show the form again."""
    form = await request.form()
    name, target = text_of(form, "name"), local_path(text_of(form, "redirect"))
    domain = services(request)
    previous = request.cookies.get(SESSION_COOKIE, "")
    try:
        cookie = await domain.people.sign_in(
            name,
            text_of(form, "password"),
            agent=request.headers.get("user-agent", ""),
            previous=previous,
            on_loopback=_host(request) in LOOPBACK,
        )
    except NotAllowedError as error:
        return _form(request, target, name, str(error))
    request.app.state.presence.end(previous)
    answer = go(request, target)
    answer.set_cookie(_session_cookie(request, cookie, int(domain.settings.session_age)))
    answer.delete_cookie(csrf.PRE_SESSION_COOKIE)
    return answer


@post("/logout", opt=needs(Action.SEE), status_code=HTTP_200_OK)
async def sign_out(request: Visit) -> Html:
    """End the session."""
    await services(request).people.sign_out(request.auth)
    request.app.state.presence.end(request.auth)
    answer = go(request, "/login")
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def _host(request: Visit) -> str:
    """Return the host that the browser has asked; a foreign name may lead to this machine, too."""
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _form(request: Visit, redirect: str, name: str = "", problem: str = "") -> Html:
    cookie, token = "", csrf.token(request)
    if not csrf.pre_session(request):
        cookie, token = csrf.new_pre_session(request)
    page = SignInPage(make_frame(request, token), redirect, name, problem)
    answer = html(request, page, status=HTTP_401_UNAUTHORIZED if problem else HTTP_200_OK)
    if cookie:
        answer.set_cookie(_cookie(request, csrf.PRE_SESSION_COOKIE, cookie))
    return answer


def _session_cookie(request: Visit, value: str, age: int) -> Cookie:
    return _cookie(request, SESSION_COOKIE, value, age)


def _cookie(request: Visit, key: str, value: str, age: int | None = None) -> Cookie:
    secure = request.scope["scheme"] == "https"
    return Cookie(key, value=value, max_age=age, httponly=True, samesite="lax", secure=secure)


route_handlers = [show_sign_in, sign_in, sign_out]
