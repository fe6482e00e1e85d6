"""The main way through the panel without a mouse."""

import re

import pytest
from browsing import Browse
from playwright.sync_api import Page, expect

from tests.live import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.ray, pytest.mark.timeout(300)]

FOCUSED = """() => {
    const element = document.activeElement;
    const words = element.labels?.[0]?.innerText ?? element.ariaLabel ?? element.innerText;
    return words.trim();
}"""


def test_a_job_is_launched_and_killed(browse: Browse, admin: Visitor) -> None:
    admin.service("Sleep")
    page = browse()
    page.goto("/")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("admin")
    tab_to(page, "Password")
    page.keyboard.type("admin")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Services")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("sleep")
    expect(page.locator("#services .card")).to_have_count(1)
    tab_to(page, "Sleep")
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/*")
    tab_to(page, "Seconds")
    page.keyboard.type("600")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/jobs/[0-9a-f]{24}"))
    expect(page.locator("#job-chip")).to_have_text("running")
    tab_to(page, "Kill")
    page.keyboard.press("Enter")
    tab_to(page, "Reason")
    page.keyboard.type("No mouse was needed.")
    page.keyboard.press("Enter")
    expect(page.locator("#job-chip")).to_have_text("killed")
    expect(page.locator("#job-alert")).to_contain_text("No mouse was needed.")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what begins with `name`."""
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        if seen[-1].startswith(name):
            return
    pytest.fail(f"{name!r} is not reached by Tab, only {seen}")
