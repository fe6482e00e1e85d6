"""The log of a running job: every row once and in order, whatever happens between."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import Browse
from pictures import photograph
from playwright.sync_api import Locator, Page, expect

from tests.live import PanelProcess, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.ray, pytest.mark.timeout(300)]

# The connection as it was told from now on, each state once; and no navigation.
REMEMBER = """() => {
    window.told = [];
    const note = () => {
        const state = document.getElementById("job-connection").dataset.state;
        if (window.told.at(-1) !== state) window.told.push(state);
    };
    const how = {subtree: true, childList: true, attributeFilter: ["data-state"]};
    new MutationObserver(note).observe(document.body, how);
    note();
}"""


# First and last number of each row; a gap tells both.
SPANS = """rows => rows.map((row) => {
    const last = Number(row.dataset.seq);
    const told = /Rows ([\\d,]+) to/.exec(row.textContent);
    const gap = row.classList.contains("log-gap");
    return [gap ? Number(told[1].replaceAll(",", "")) : last, last];
})"""


def test_two_thousand_lines_are_shown_each_once_and_in_order(
    browse: Browse, admin: Visitor, tmp_path: Path
) -> None:
    page = browse(admin)
    cue = tmp_path / "cue"
    job = admin.launch("Print lines", count="2000", cue=str(cue))
    page.goto(f"/jobs/{job}?tab=log")
    expect(connection(page)).to_have_text("Live")
    cue.touch()
    expect(connection(page)).to_have_text("Ended")
    seqs = [event["seq"] for event in admin.events(job)]
    assert len(seqs) > 2000
    assert rows(page) == seqs
    photograph(page, "log-two-thousand")

    page.reload()
    assert rows(page) == seqs[-1000:]
    shown = seqs[-1000:]
    while (older := page.get_by_role("link", name="Older rows")).count():
        with page.expect_navigation():
            older.click()
        shown = rows(page) + shown
    assert shown == seqs


def test_a_page_lives_on_when_the_panel_is_killed_and_comes_back(
    browse: Browse, admin: Visitor, panel_process: PanelProcess, sleeping: Callable[[], str]
) -> None:
    job = sleeping()
    log = browse(admin, expected=("ERR_", "htmx:"))
    result = log.context.new_page()
    for page, tab in ((log, "log"), (result, "result")):
        page.goto(f"/jobs/{job}?tab={tab}")
        expect(connection(page)).to_have_text("Live")
        page.evaluate(REMEMBER)

    panel_process.kill()
    for page in (log, result):
        expect(connection(page)).to_have_text("Reconnecting")
    photograph(log, "log-reconnecting")
    panel_process.start()
    for page in (log, result):
        expect(connection(page)).to_have_text("Live")

    admin.submit(f"/jobs/{job}", f"/jobs/{job}/cancellation")
    for page in (log, result):
        expect(page.locator("#job-chip")).to_have_text("cancelled")
        expect(connection(page)).to_have_text("Ended")
        told = page.evaluate("told")
        assert [state for state in told if state != "behind"] == [
            "live",
            "reconnecting",
            "live",
            "ended",
        ]
    assert rows(log) == [event["seq"] for event in admin.events(job)]
    photograph(log, "log-after-restart")


def test_a_flood_is_shown_to_its_end_with_its_gaps_told(browse: Browse, admin: Visitor) -> None:
    page = browse(admin)
    job = admin.launch("Print lines", count="30000")
    page.goto(f"/jobs/{job}?tab=log")
    expect(connection(page)).to_have_text("Ended")
    shown = page.locator("#job-log .log-row").evaluate_all(SPANS)
    assert len(shown) <= 6000
    assert [first for first, _ in shown[1:]] == [last + 1 for _, last in shown[:-1]]
    assert shown[-1][1] == admin.job(job)["last_seq"]


def connection(page: Page) -> Locator:
    return page.locator("#job-connection")


def rows(page: Page) -> list[int]:
    script = "rows => rows.map(row => Number(row.dataset.seq))"
    return page.locator("#job-log .log-row").evaluate_all(script)
