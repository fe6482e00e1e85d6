"""What a stream may cost: large events, viewers that are slow, late, or many."""

import asyncio
import json
import re
from typing import Any

import pytest
from listening import Listener, Message, listen
from panel import JOB, Panel

from kodosumi.web import feeds
from kodosumi.web.chunks import GAP, KEPT
from kodosumi.web.sse import SLICE, EventStream
from kodosumi.wire.codec import pack
from kodosumi.wire.events import Kind, dump

LOG = f"/jobs/{JOB}/stream?tab=log"


@pytest.fixture
async def cookie(panel: Panel) -> str:
    await panel.job()
    return await panel.cookie("owner")


def rows(messages: list[Message]) -> list[int]:
    logs = [m.json["html"] for m in messages if m.event == "log"]
    return [int(seq) for html in logs for seq in re.findall(r'data-seq="(\d+)"', html)]


async def test_two_hundred_large_rows_are_many_messages(panel: Panel, cookie: str) -> None:
    await panel.emit(JOB, Kind.STDOUT, *[dump("<" * 100_000)] * 200)
    await panel.end(JOB)
    async with listen(panel.app, LOG, cookie) as listener:
        messages = await listener.until("end")
    assert rows(messages) == [*range(1, 204)]
    assert max(len(m.data) for m in messages) < 200_000


async def test_only_a_page_that_asks_for_it_is_spared_rows(panel: Panel, cookie: str) -> None:
    await panel.say(JOB, *["x"] * (GAP + 500))
    await panel.end(JOB)
    total = GAP + 503
    async with listen(panel.app, LOG, cookie) as listener:
        assert rows(await listener.until("end")) == [*range(1, total + 1)]
    async with listen(panel.app, f"{LOG}&skip=1", cookie) as listener:
        first, *rest = [m for m in await listener.until("end") if m.event == "log"]
    to = first.json["to"]
    assert first.json["from"] == 1
    assert first.id == to
    assert "Rows 1 to 5,400" in first.json["html"]
    assert f'href="/jobs/{JOB}?tab=log&amp;from=1"' in first.json["html"]
    assert rows(rest) == [*range(to + 1, total + 1)]
    assert KEPT <= len(rows(rest)) < KEPT + 200
    async with listen(panel.app, f"{LOG}&skip=1", cookie, "600") as listener:
        assert rows(await listener.until("end")) == [*range(601, total + 1)]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first numbers of the chunks that are rendered."""
    found: list[int] = []
    original = feeds.chunk_of

    def counted(events: Any, *rest: Any) -> Any:
        found.append(events[0].seq)
        return original(events, *rest)

    monkeypatch.setattr(feeds, "chunk_of", counted)
    return found


async def test_viewers_who_began_at_different_rows_soon_share(
    panel: Panel, cookie: str, made: list[int]
) -> None:
    await panel.say(JOB, *["x"] * 1_000)
    await panel.end(JOB)
    for after in (0, 7, 150):
        async with listen(panel.app, f"{LOG}&after={after}", cookie) as listener:
            assert rows(await listener.until("end")) == [*range(after + 1, 1_004)]
    assert sorted(made) == [1, 8, 151, 201, 401, 601, 801, 1_001]


async def test_who_is_up_to_date_is_told_without_the_database(
    panel: Panel, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listen(panel.app, LOG, cookie) as listener:
        await listener.until("state")

        async def unexpected(*_: object) -> None:
            pytest.fail("the database was asked")

        monkeypatch.setattr(panel.domain.pages, "after", unexpected)
        for n in range(3, 8):
            await panel.say(JOB, str(n))
            assert rows(await listener.until("log")) == [n]


async def test_a_tab_without_events_is_sent_none(panel: Panel, cookie: str) -> None:
    await panel.emit(JOB, Kind.RESULT, pack("a poem"))
    await panel.end(JOB)
    async with listen(panel.app, f"/jobs/{JOB}/stream?tab=inputs", cookie) as listener:
        seen = await listener.until("end")
    assert {m.event for m in seen} == {"", "state", "end"}
    assert seen[-1].id == 4
    assert "a poem" not in "".join(m.data for m in seen)


async def test_large_results_are_rendered_as_others_are(panel: Panel, cookie: str) -> None:
    markdown = json.dumps({"Markdown": {"body": "**bold** words " * 4_000}})
    await panel.emit(JOB, Kind.RESULT, markdown, markdown)
    await panel.end(JOB)
    async with listen(panel.app, f"/jobs/{JOB}/stream?tab=result", cookie) as listener:
        seen = await listener.until("end")
    assert "".join(m.data for m in seen).count("<strong>bold</strong>") == 8_000


async def test_what_a_slow_viewer_has_not_taken_is_not_made(
    panel: Panel, cookie: str, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await panel.emit(JOB, Kind.STDOUT, *[dump("x" * 5_000)] * 400)
    taken: list[int] = []
    ready = asyncio.Semaphore(3)
    full = asyncio.Event()
    original = Listener.send

    async def slow(self: Listener, message: dict) -> None:
        if ready.locked():
            full.set()
        await ready.acquire()
        taken.append(len(message.get("body", b"")))
        await original(self, message)

    monkeypatch.setattr(Listener, "send", slow)
    async with listen(panel.app, LOG, cookie) as listener:
        await full.wait()
        assert len(made) == 1
        assert max(taken) <= SLICE
        for _ in range(9):
            ready.release()
        await listener.until("log")
        assert len(made) <= 3
        listener.gone.set()


async def test_signing_out_ends_all_streams_of_the_session_at_once(
    panel: Panel, cookie: str
) -> None:
    owner = await panel.visitor("owner")
    own = owner.client.cookies["kodo_session"]
    async with (
        listen(panel.app, LOG, own) as one,
        listen(panel.app, f"/jobs/{JOB}/stream?tab=result", own) as two,
        listen(panel.app, LOG, cookie) as other,
    ):
        for listener in (one, two, other):
            await listener.until("state")
        await owner.post("/logout")
        for listener in (one, two):
            while await listener.read():
                pass
        await panel.say(JOB, "go on")
        assert rows(await other.until("log")) == [3]


async def test_the_session_is_looked_up_once_for_all_its_streams(
    panel: Panel, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    original = panel.domain.people.by_session

    async def counted(value: str) -> Any:
        looks.append(value)
        return await original(value)

    async with listen(panel.app, LOG, cookie) as one, listen(panel.app, LOG, cookie) as two:
        monkeypatch.setattr(panel.domain.people, "by_session", counted)
        checks = panel.app.state.presence.check
        assert await asyncio.gather(*(checks(cookie, 1) for _ in range(9))) == [True] * 9
        assert looks == [cookie]
        assert await checks(cookie, 2)
        assert len(looks) == 2
        assert one.status == two.status == 200


async def test_a_head_request_opens_no_stream() -> None:
    sent: list[dict] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def never() -> Any:
        pytest.fail("nobody listens")
        yield b""

    over = asyncio.get_running_loop().create_future()
    await EventStream(never(), over)({"type": "http", "method": "HEAD"}, never, send)  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert not sent[-1]["more_body"]
