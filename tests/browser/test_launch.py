"""From the sign-in to the result, as a person sees it."""

import re

import pytest
from browsing import Browse
from pictures import photograph
from playwright.sync_api import Page, expect

from tests.live import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.ray, pytest.mark.timeout(300)]

JOB = re.compile(r"/jobs/[0-9a-f]{24}")
HALFWAY = """() => document.querySelector("#job-chip [data-status=running]")
    && document.querySelector("#job-results [data-kind=result]")
    && document.querySelector("#job-progress progress[value]")
    && /^▶ \\d+% /.test(document.title)
    && !document.querySelector("#job-results [data-kind=final]")"""


def test_a_service_is_launched_and_watched_to_its_result(browse: Browse) -> None:
    page = browse()
    page.goto("/services")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("admin")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Armstrong numbers").click()
    page.get_by_label("Search up to").fill("3000000")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(JOB)

    page.wait_for_function(HALFWAY)
    photograph(page, "launch-1-running")
    final = page.locator("#job-results [data-kind=final]")
    expect(final).to_contain_text("Armstrong numbers up to 3,000,000")
    expect(page.locator("#job-chip")).to_have_text("finished")
    expect(page.locator("#job-connection")).to_have_text("Ended")
    expect(page).to_have_title(re.compile(r"^✓ Armstrong numbers"))
    photograph(page, "launch-2-finished")

    second = page.context.new_page()
    second.goto(page.url)
    assert results(second) == results(page)
    assert len(results(second)) == 21
    second.get_by_role("navigation", name="Views").get_by_role("link", name="Log").click()
    expect(second.locator("#job-log")).to_contain_text("20 pieces, 4 at a time")
    second.get_by_role("link", name="Jobs", exact=True).click()
    row = second.locator(f"#job-{job_of(page)}")
    expect(row).to_contain_text("finished")
    expect(row).to_contain_text("Armstrong numbers")


def test_a_wrong_value_is_named_beside_its_field_and_nothing_is_lost(
    browse: Browse, admin: Visitor
) -> None:
    page = browse(admin, expected=("^422 ",))
    page.goto(admin.service("Armstrong numbers"))
    enter_too_many_tasks(page)
    tasks = page.get_by_label("Tasks at a time")
    expect(tasks).to_have_attribute("aria-invalid", "true")
    expect(tasks).to_have_accessible_description("These are more tasks than numbers to search.")
    expect(tasks).to_be_focused()
    assert entered(page) == ("20", "30", False)
    photograph(page, "form-wrong-value")
    tasks.fill("2")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(JOB)
    expect(page.locator("#job-chip")).to_have_text("finished")


def test_without_script_a_wrong_value_is_named_too(browse: Browse, admin: Visitor) -> None:
    page = browse(admin, script=False, expected=("^422 ",))
    page.goto(admin.service("Armstrong numbers"))
    enter_too_many_tasks(page)
    tasks = page.get_by_label("Tasks at a time")
    expect(tasks).to_have_accessible_description("These are more tasks than numbers to search.")
    expect(tasks).to_be_focused()
    assert entered(page) == ("20", "30", False)


def test_a_hand_written_page_launches_and_cannot_leave_its_frame(
    browse: Browse, admin: Visitor
) -> None:
    page = browse(admin)
    page.goto(admin.service("By hand"))
    inside = page.frame_locator("iframe[data-service-frame]")
    expect(inside.locator("#script")).to_have_text("script ran")
    frame = page.frames[1]
    for reach in ("parent.document.title", "document.cookie", "localStorage.length"):
        tried = f"() => {{ try {{ return {reach} }} catch (error) {{ return error.name }} }}"
        assert frame.evaluate(tried) == "SecurityError", reach
    inside.get_by_label("Name").fill("Ada")
    photograph(page, "hand-written-filled")
    inside.get_by_role("button", name="Start").click()
    page.wait_for_url(JOB)
    expect(page.locator("#job-results [data-kind=final]")).to_contain_text("Ada")


def enter_too_many_tasks(page: Page) -> None:
    page.get_by_label("Search up to").fill("20")
    page.get_by_label("Tasks at a time").fill("30")
    page.get_by_label("Include 1 to 9").uncheck()
    page.get_by_role("button", name="Search").click()


def entered(page: Page) -> tuple[str, str, bool]:
    return (
        page.get_by_label("Search up to").input_value(),
        page.get_by_label("Tasks at a time").input_value(),
        page.get_by_label("Include 1 to 9").is_checked(),
    )


def results(page: Page) -> list[str]:
    return page.locator("#job-results .result").all_inner_texts()


def job_of(page: Page) -> str:
    found = JOB.search(page.url)
    assert found
    return found[0].rpartition("/")[2]
