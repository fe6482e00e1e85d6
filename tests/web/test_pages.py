"""Pages declare what their templates use, and each kind of event has its template."""

from collections.abc import Iterator

import pytest
from jinja2 import meta, nodes
from panel import shared_renderer

from kodosumi import paths
from kodosumi.web import app  # noqa: F401 - brings in every page
from kodosumi.web.render import FramedPage, Page
from kodosumi.wire.events import Kind

ENV = shared_renderer(paths.TEMPLATES).env


def kinds_of(page: type[Page]) -> Iterator[type[Page]]:
    if "template" in vars(page):
        yield page
    for child in page.__subclasses__():
        yield from kinds_of(child)


PAGES = sorted({*kinds_of(Page)}, key=lambda page: page.__name__)


def used_by(template: str, seen: set[str]) -> set[str]:
    """Return the names that a template and all that it extends or includes take from outside."""
    if template in seen:
        return set()
    seen.add(template)
    tree = ENV.parse(ENV.loader.get_source(ENV, template)[0])
    local = {n.name for n in tree.find_all(nodes.Name) if n.ctx == "store"}
    names = meta.find_undeclared_variables(tree) - local
    for node in tree.find_all((nodes.Include, nodes.Extends)):
        if isinstance(node.template, nodes.Const):
            names |= used_by(node.template.value, seen) - local
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_templates_use_what_the_page_declares(page: type[Page]) -> None:
    declared = {*page.__dataclass_fields__, "page", *ENV.globals}
    assert used_by(page.template, set()) <= declared


def test_pages_are_found() -> None:
    assert len([page for page in PAGES if issubclass(page, FramedPage)]) >= 6


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_template(kind: Kind) -> None:
    assert kind in ENV.globals["event_text"]
    assert (paths.TEMPLATES / f"jobs/events/{kind}.html").is_file()


def test_no_template_is_left_over_for_an_unknown_kind() -> None:
    found = {path.stem for path in (paths.TEMPLATES / "jobs/events").iterdir()}
    assert found == set(Kind)
