"""Every page, in both themes: open to all, and as narrow as a small phone."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Browse
from pictures import PHONE, SMALL, photograph
from playwright.sync_api import Page, expect

from tests.live import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.ray, pytest.mark.timeout(300)]

Find = Callable[[Visitor, str, str], str]

PAGES: dict[str, Find] = {
    "services": lambda admin, done, failed: "/services",
    "services-none": lambda admin, done, failed: "/services?q=nothing-like-this",
    "service": lambda admin, done, failed: admin.service("Armstrong numbers"),
    "service-every-element": lambda admin, done, failed: admin.service("Every element"),
    "service-by-hand": lambda admin, done, failed: admin.service("By hand"),
    "service-unknown": lambda admin, done, failed: "/services/000000000000",
    "jobs": lambda admin, done, failed: "/jobs",
    "jobs-none": lambda admin, done, failed: "/jobs?q=nothing-like-this",
    "job-result": lambda admin, done, failed: f"/jobs/{done}",
    "job-log": lambda admin, done, failed: f"/jobs/{done}?tab=log",
    "job-inputs": lambda admin, done, failed: f"/jobs/{done}?tab=inputs",
    "job-failed": lambda admin, done, failed: f"/jobs/{failed}",
    "job-unknown": lambda admin, done, failed: "/jobs/000000000000000000000000",
    "page-unknown": lambda admin, done, failed: "/nowhere",
    "me": lambda admin, done, failed: "/me",
}
THEMES = ("light", "dark")


@pytest.fixture(params=[*PAGES, "sign-in"])
def shown(
    request: pytest.FixtureRequest, browse: Browse, admin: Visitor, finished: str, failed: str
) -> Callable[[str], Page]:
    """Opens one of the pages in a theme."""
    name = request.param

    def show(theme: str) -> Page:
        person = None if name == "sign-in" else admin
        path = "/login" if name == "sign-in" else PAGES[name](admin, finished, failed)
        page = browse(person, theme=theme, expected=("^404 ",) if "unknown" in name else ())
        page.goto(path)
        return page

    return show


@pytest.mark.parametrize("theme", THEMES)
def test_a_page_is_open_to_all_and_fits_small_windows(
    shown: Callable[[str], Page], theme: str, request: pytest.FixtureRequest
) -> None:
    page = shown(theme)
    expect(page.locator("main")).to_be_visible()
    name = f"page-{request.node.callspec.params['shown']}-{theme}"
    photograph(page, name)
    assert barriers(page) == []
    for width in (PHONE, SMALL):
        resize(page, width)
        assert beyond_the_edge(page) == []
        # As high as the page, so that the bar at the bottom is where it belongs.
        resize(page, width, page.evaluate("document.documentElement.scrollHeight"))
        photograph(page, f"{name}-{width}")


@pytest.mark.parametrize("name", [name for name in PAGES if "unknown" in name])
def test_what_is_unknown_is_told_with_a_way_back(browse: Browse, admin: Visitor, name: str) -> None:
    page = browse(admin, expected=("^404 ",))
    answer = page.goto(PAGES[name](admin, "", ""))
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("main").get_by_role("link", name="Services").click()
    expect(page.get_by_role("heading", name="Services")).to_be_visible()


def resize(page: Page, width: int, height: int = 844) -> None:
    """Change the window, and wait for the layout: container queries take a frame."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def barriers(page: Page) -> list[dict[str, Any]]:
    """Return what keeps people from using the page, as axe finds it."""
    found = Axe().run(page).response["violations"]
    return [
        {"rule": each["id"], "where": [node["target"] for node in each["nodes"]]}
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def beyond_the_edge(page: Page) -> list[str]:
    """Return what makes the page scroll sideways."""
    return page.evaluate("""() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        return [...document.querySelectorAll("body *")]
            .filter((element) => element.getBoundingClientRect().right > width + 1)
            .map((element) => `${element.tagName}.${element.className}`);
    }""")
