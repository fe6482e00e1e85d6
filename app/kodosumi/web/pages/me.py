"""The signed-in person: who they are here, and how the panel looks for them."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.status_codes import HTTP_200_OK

from kodosumi.domain.access import Action
from kodosumi.web.auth import local_path, needs
from kodosumi.web.deps import Visit
from kodosumi.web.framing import THEME_COOKIE, THEMES, make_frame
from kodosumi.web.render import FramedPage
from kodosumi.web.replies import Html, go, html, text_of

_YEAR = 31_536_000


@dataclass(frozen=True)
class MePage(FramedPage):
    """A person's own page; `frame.user` is who it is about."""

    template: ClassVar[str] = "people/me.html"
    themes: tuple[str, ...] = THEMES


@get("/me", opt=needs(Action.SEE))
async def show_me(request: Visit) -> Html:
    """Show the page."""
    return html(request, MePage(make_frame(request)))


@post("/me/theme", opt=needs(Action.SEE), status_code=HTTP_200_OK)
async def choose_theme(request: Visit) -> Html:
    """Keep the choice in a cookie, and return to where the person was."""
    theme = text_of(await request.form(), "theme")
    answer = go(request, _came_from(request))
    if theme in THEMES:
        secure = request.scope["scheme"] == "https"
        answer.set_cookie(
            Cookie(
                THEME_COOKIE,
                value=theme,
                max_age=_YEAR,
                httponly=True,
                samesite="lax",
                secure=secure,
            )
        )
    return answer


def _came_from(request: Visit) -> str:
    try:
        there = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/me"
    if there.netloc != request.headers.get("host"):
        return "/me"
    return local_path(there.path + (f"?{there.query}" if there.query else ""))


route_handlers = [show_me, choose_theme]
