"""Answers of pages: HTML, one block of it for htmx, redirects that both understand."""

from collections.abc import Mapping
from urllib.parse import quote

from litestar import MediaType, Response
from litestar.datastructures import FormMultiDict
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from kodosumi.web.deps import Visit
from kodosumi.web.render import Page, Renderer

Html = Response[str]


def html(
    visit: Visit,
    page: Page,
    *,
    block: str | None = None,
    status: int = HTTP_200_OK,
    headers: Mapping[str, str] | None = None,
) -> Html:
    """Return `page`, or only its `block` when htmx asks for a part."""
    renderer: Renderer = visit.app.state.renderer
    text = renderer.render(page, block if wants_part(visit) else None)
    return Response(
        text, media_type=MediaType.HTML, status_code=status, headers=dict(headers or {})
    )


def go(visit: Visit, path: str) -> Html:
    """Return a redirect to `path`, by GET, for browsers and for htmx."""
    path = quote(path, safe="/?#[]@!$&'()*+,;=%:~")
    if "hx-request" in visit.headers:
        return Response("", status_code=HTTP_204_NO_CONTENT, headers={"HX-Redirect": path})
    return Response("", status_code=HTTP_303_SEE_OTHER, headers={"Location": path})


def wants_part(visit: Visit) -> bool:
    """Tell whether htmx asks for a part of a page; the back button needs whole pages."""
    return visit.headers.get("hx-request-type") == "partial"


def text_of(form: FormMultiDict, name: str) -> str:
    """Return the text of a form's field; empty when it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
