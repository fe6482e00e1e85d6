"""What can be done with a job, and what is told of one that failed."""

from collections.abc import Callable

import pytest
from browsing import Browse
from pictures import photograph
from playwright.sync_api import expect

from tests.live import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.ray, pytest.mark.timeout(300)]


def test_a_job_is_killed_with_a_reason_and_then_deleted(
    browse: Browse, admin: Visitor, sleeping: Callable[[], str]
) -> None:
    job = sleeping()
    page = browse(admin, expected=(f"^404 .*{job}",))
    page.goto(f"/jobs/{job}")
    page.get_by_role("button", name="Kill").click()
    dialog = page.get_by_role("dialog", name="Kill this job?")
    dialog.get_by_label("Reason").fill("It counts sheep.")
    photograph(page, "job-kill-dialog")
    dialog.get_by_role("button", name="Kill the job").click()
    expect(page.locator("#job-chip")).to_have_text("killed")
    expect(page.locator("#job-alert")).to_contain_text("It counts sheep.")
    photograph(page, "job-killed")

    page.get_by_role("button", name="Delete").click()
    photograph(page, "job-delete-dialog")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the job").click()
    page.wait_for_url("**/jobs")
    expect(page.locator("#jobs")).to_be_visible()
    expect(page.locator(f"#job-{job}")).to_have_count(0)
    page.goto(f"/jobs/{job}")
    expect(page.get_by_role("main")).to_contain_text(f"There is no job {job}")


def test_a_job_is_asked_to_stop(
    browse: Browse, admin: Visitor, sleeping: Callable[[], str]
) -> None:
    page = browse(admin)
    page.goto(f"/jobs/{sleeping()}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#job-chip")).to_have_text("cancelled")
    expect(page.get_by_role("button", name="Delete")).to_be_visible()


def test_a_failure_is_told_to_its_owner_and_its_origin_to_operators(
    browse: Browse, admin: Visitor, member: Visitor, failed: str
) -> None:
    of_owner, of_admin = browse(member), browse(admin)
    for page in (of_owner, of_admin):
        page.goto(f"/jobs/{failed}")
        alert = page.locator("#job-alert")
        expect(alert).to_contain_text("ValueError")
        expect(alert).to_contain_text("The ledger is out of balance.")
    expect(of_owner.get_by_text("Traceback")).to_have_count(0)
    of_admin.get_by_text("Traceback", exact=True).click()
    expect(of_admin.locator("#job-alert pre")).to_contain_text("work.py")
    photograph(of_owner, "job-failed-of-owner")
    photograph(of_admin, "job-failed-of-admin")
    for page in (of_owner, of_admin):
        page.goto(f"/jobs/{failed}?tab=log")
        expect(page.locator("#job-log")).to_contain_text("The ledger is out of balance.")
    expect(of_owner.locator("#job-log")).not_to_contain_text("Traceback")


def test_the_job_of_another_person_is_unknown(
    browse: Browse, member: Visitor, finished: str
) -> None:
    page = browse(member, expected=("^404 ",))
    page.goto(f"/jobs/{finished}")
    expect(page.get_by_role("main")).to_contain_text(f"There is no job {finished}")
