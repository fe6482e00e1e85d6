"""From a page's declaration to HTML.

A page is a frozen dataclass that names its template and holds all that the template may use; what
a template uses beyond that is an error. The same template renders the whole page and, for htmx,
one of its blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import jinja2
from jinja2_fragments import render_block
from markupsafe import Markup

from kodosumi.domain.jobs.gone import why
from kodosumi.domain.people.models import User
from kodosumi.web.assets import asset
from kodosumi.web.clean import clean_html, markdown
from kodosumi.web.words import FILTERS
from kodosumi.wire.events import Kind


@dataclass(frozen=True)
class NavItem:
    """A place in the navigation; `count` is what waits there, None if nothing is counted."""

    key: str
    label: str
    href: str
    icon: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Banner:
    """What everybody should know now. `tone`: info, warning, danger, success."""

    tone: str
    title: str
    text: str


@dataclass(frozen=True)
class Frame:
    """What is around every page. `now` is in epoch seconds; `theme`: light, dark, system."""

    user: User | None
    nav: tuple[NavItem, ...]
    theme: str
    banners: tuple[Banner, ...]
    csrf: str
    nonce: str
    now: float
    path: str


@dataclass(frozen=True)
class Page:
    """Base of what templates are given; `template` is its file."""

    template: ClassVar[str]


@dataclass(frozen=True)
class FramedPage(Page):
    """Base of whole pages."""

    frame: Frame


class Renderer:
    """Renders pages from the templates of one folder."""

    def __init__(self, folder: Path) -> None:
        self.env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.env.filters |= {**FILTERS, "markdown": markdown, "clean_html": clean_html}
        self.env.filters |= {"numbered": _numbered, "why": why}
        self.env.globals |= {"asset": asset, "show": self.show}
        for name in ("ui", "forms"):
            self.env.globals[name] = self._module(f"ui/{name}.html")
        self.env.globals["event_text"] = {
            str(kind): self._module(f"jobs/events/{kind}.html").text for kind in Kind
        }
        self._values = _stems(folder / "jobs" / "values")

    def render(self, page: Page, block: str | None = None) -> str:
        """Return a page, or one block of it, as HTML."""
        context = {field.name: getattr(page, field.name) for field in fields(page)}
        context["page"] = page
        if block:
            return render_block(self.env, page.template, block, context)
        return self.env.get_template(page.template).render(context)

    def show(self, value: dict[str, Any]) -> Markup:
        """Return a typed value `{"TypeName": …}` as HTML, by the template named after its type."""
        name, body = next(iter(value.items()))
        stem = name.lower()
        if stem not in self._values or not _is_ours(stem, body):
            stem = "other"
        shown: Markup = self._module(f"jobs/values/{stem}.html").value(body, name)
        return shown

    def _module(self, template: str) -> Any:
        return self.env.get_template(template).module


def _numbered(items: Sequence[Any]) -> list[tuple[int, Any]]:
    return list(enumerate(items, 1))


def _is_ours(name: str, body: Any) -> bool:
    """Tell whether a value has the shape of our type; an author's may have the same name."""
    if name == "str":
        return isinstance(body, str)
    text = "raw" if name == "crewoutput" else "body"
    return isinstance(body, dict) and isinstance(body.get(text), str)


def _stems(folder: Path) -> frozenset[str]:
    return frozenset(path.stem for path in folder.glob("*.html"))
