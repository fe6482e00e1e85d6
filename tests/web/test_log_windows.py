"""Windows of a long log: as many rows as a page shows well, and a way to all the others."""

import re

import pytest
from panel import JOB, Panel, Visitor

from kodosumi.web.windows import PAINT
from kodosumi.wire.events import Kind, dump

PAGE = f"/jobs/{JOB}?tab=log"
LINES = ["INFO  2026-11-23 worker: <item> & 'that' was handled, as it should"] * 2500


def rows(html: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', html)]


def link(html: str, label: str) -> str:
    found = re.search(rf'href="([^"]+)">{label}<', html)
    return found[1].replace("&amp;", "&") if found else ""


@pytest.fixture
async def page(panel: Panel, owner: Visitor) -> str:
    await panel.job()
    await panel.say(JOB, *LINES)
    await panel.end(JOB)
    return (await owner.get(PAGE)).text


async def test_the_first_paint_is_small_and_shows_the_end(page: str) -> None:
    assert len(page.encode()) <= 250_000
    shown = rows(page)
    assert shown == [*range(shown[0], 2504)]
    assert len(shown) > 750


@pytest.mark.parametrize("label", ["Older rows", "Newer rows"])
async def test_every_row_is_in_one_window(
    panel: Panel, owner: Visitor, page: str, label: str
) -> None:
    page = (await owner.get(f"{PAGE}&from=1")).text if label == "Newer rows" else page
    windows = [rows(page)]
    while address := link(page, label):
        page = (await owner.get(address)).text
        assert len(page.encode()) <= 250_000
        windows.append(rows(page))
    if label == "Older rows":
        windows.reverse()
    assert [seq for window in windows for seq in window] == [*range(1, 2504)]


async def test_long_lines_make_short_windows(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.STDOUT, *[dump('"' * 100_000)] * 40)
    page = (await owner.get(PAGE)).text
    assert len(page) < PAINT.size + 100_000
    assert rows(page)[-1] == 42
    assert "92000 more characters in the raw log" in page
    assert "from=" not in page


async def test_a_huge_event_is_shown_as_it_begins(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.RESULT, '{"str":"' + "x" * 2_000_000 + '"}')
    for tab in ("log", "result"):
        page = (await owner.get(f"/jobs/{JOB}?tab={tab}")).text
        assert "xxxx" in page
        assert len(page) < 50_000
    raw = await owner.get(f"/jobs/{JOB}/log.txt")
    assert len(raw.content) > 2_000_000


async def test_rows_by_number_are_limited_in_size(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.STDOUT, *[dump("x" * 400_000)] * 9)
    answer = await owner.get(f"/jobs/{JOB}/log?from=3&to=11")
    assert rows(answer.text) == [3, 4]
    assert rows((await owner.get(f"/jobs/{JOB}/log?from=9&to=3")).text) == []
