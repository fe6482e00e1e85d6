"""The main way through the panel in a browser without JavaScript."""

import re

import pytest
from browsing import Browse
from pictures import photograph
from playwright.sync_api import expect

from tests.live import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.ray, pytest.mark.timeout(300)]


def test_a_job_is_launched_read_and_killed(browse: Browse, admin: Visitor) -> None:
    admin.service("Sleep")
    page = browse(script=False)
    page.goto("/")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("admin")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Search services").fill("sleep")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name="Sleep").click()
    page.get_by_label("Seconds").fill("600")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f]{24}"))
    # The page reloads itself as long as the job lives.
    expect(page.locator("#job-chip")).to_have_text("running")
    page.goto(f"{page.url}?tab=log")
    expect(page.locator("#job-log")).to_contain_text("tests.services.work:nap")
    photograph(page, "without-script-log")
    page.get_by_role("link", name="Kill").click()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    photograph(page, "without-script-kill")
    page.get_by_label("Reason").fill("Read enough.")
    page.get_by_role("button", name="Kill the job").click()
    expect(page.locator("#job-chip")).to_have_text("killed")
    expect(page.locator("#job-alert")).to_contain_text("Read enough.")


def test_a_finished_job_shows_its_result(browse: Browse, admin: Visitor, finished: str) -> None:
    page = browse(admin, script=False)
    page.goto("/jobs")
    page.locator(f"#job-{finished} a").click()
    expect(page.locator("#job-results [data-kind=final]")).to_contain_text("Armstrong numbers")
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
