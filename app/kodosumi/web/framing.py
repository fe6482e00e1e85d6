"""The frame of pages: navigation, banners, theme."""

from kodosumi.domain.access import Action, may
from kodosumi.domain.people.models import User
from kodosumi.web import csrf, security
from kodosumi.web.deps import AnyVisit, Services, Visit, services
from kodosumi.web.render import Banner, Frame, NavItem

THEME_COOKIE = "kodo_theme"
THEMES = ("light", "dark", "system")

_NAV = (("services", "Services", "/services", "layout-grid"), ("jobs", "Jobs", "/jobs", "list"))


def make_frame(visit: AnyVisit | Visit, token: str | None = None) -> Frame:
    """Return the frame of the page that answers `visit`; `token` replaces the session's."""
    user: User | None = visit.scope.get("user")
    path = visit.scope["path"]
    theme = visit.cookies.get(THEME_COOKIE, "system")
    domain = services(visit)
    return Frame(
        user=user,
        nav=_nav(path) if user else (),
        theme=theme if theme in THEMES else "system",
        banners=_banners(user, domain) if user else (),
        csrf=csrf.token(visit) if token is None else token,
        nonce=security.nonce(visit.scope),
        now=domain.clock.now(),
        path=path,
    )


def _nav(path: str) -> tuple[NavItem, ...]:
    return tuple(
        NavItem(key, label, href, icon, current=path == href or path.startswith(f"{href}/"))
        for key, label, href, icon in _NAV
    )


def _banners(user: User, domain: Services) -> tuple[Banner, ...]:
    return tuple(_troubles(user, domain))


def _troubles(user: User, domain: Services) -> list[Banner]:
    found = []
    if domain.db.outage:
        text = "What jobs do is kept until it does again; nobody can sign in or launch until then."
        title = "The database takes no changes"
        found.append(Banner("danger", title, _with_reason(domain.db.outage, text)))
    ray, catalog = domain.cluster.state, domain.catalog.state
    if not ray.connected:
        text = "Jobs cannot be started or stopped; history is here. It connects again by itself."
        found.append(Banner("danger", "Ray cannot be reached", _with_reason(ray.reason, text)))
    if not catalog.serve_up:
        text = "Services cannot be launched until it answers; the panel keeps asking."
        found.append(
            Banner("warning", "Ray Serve cannot be reached", _with_reason(catalog.reason, text))
        )
    if user.default_password and may(user, Action.OPERATE):
        text = "Anybody on this machine can sign in as admin. Change it: koco user passwd admin"
        found.append(Banner("warning", "The default password is in use", text))
    return found


def _with_reason(reason: str, text: str) -> str:
    return f"{reason.rstrip('.')}. {text}" if reason else text
