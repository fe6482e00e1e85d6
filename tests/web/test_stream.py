"""The live stream of a job: each event once, in order, whatever happens between."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import pytest
from listening import Listener, Message, listen
from panel import JOB, Panel

from kodosumi.domain.jobs.pages import Stored
from kodosumi.web import feeds, stream
from kodosumi.wire.codec import pack
from kodosumi.wire.events import Failure, Kind, Progress
from kodosumi.wire.states import JobStatus

PATH = f"/jobs/{JOB}/stream"


def rows(messages: list[Message]) -> list[int]:
    logs = [m.json["html"] for m in messages if m.event == "log"]
    return [int(seq) for html in logs for seq in re.findall(r'data-seq="(\d+)"', html)]


@pytest.fixture
async def cookie(panel: Panel) -> str:
    await panel.job()
    return await panel.cookie("owner")


async def test_tells_what_was_and_what_comes_until_the_end(panel: Panel, cookie: str) -> None:
    async with listen(panel.app, PATH, cookie) as listener:
        first = await listener.until("log")
        assert rows(first) == [1, 2]
        await panel.say(JOB, "one", "two")
        await panel.end(JOB)
        rest = await listener.until("end")
        assert await listener.read() is None
    assert rows(rest) == [3, 4, 5]
    assert rest[-1].id == 5
    assert rest[-1].json == {"last": 5, "status": "finished"}
    state = [m for m in rest if m.event == "state"][-1]
    assert state.json["ended"] is True
    assert listener.headers["content-type"].startswith("text/event-stream")
    assert listener.headers["cache-control"] == "no-cache"
    assert listener.headers["x-accel-buffering"] == "no"


async def test_speaks_as_htmx_wants_it(panel: Panel, cookie: str) -> None:
    await panel.say(JOB, "a\rb\r\nc", "x\u2028y")
    await panel.end(JOB)
    async with listen(panel.app, PATH, cookie) as listener:
        messages = await listener.until("end")
        assert b"\r" not in listener.raw
        assert b"retry: 1000" in listener.raw
    assert all(m.id is not None for m in messages)
    assert {m.event for m in messages} == {"log", "state", "end", ""}


async def resumed(panel: Panel, cookie: str, at: int) -> list[int]:
    async with listen(panel.app, f"{PATH}?after=0", cookie, str(at)) as listener:
        return rows(await listener.until("end"))


async def test_resumes_after_any_event_without_gap_or_double(panel: Panel, cookie: str) -> None:
    await panel.say(JOB, *map(str, range(450)))
    await panel.end(JOB)
    everything = [*range(1, 454)]
    for at in (1, 2, 199, 200, 201, 452, 453):
        assert await resumed(panel, cookie, at) == everything[at:]
    async with listen(panel.app, f"{PATH}?after=400", cookie) as listener:
        assert rows(await listener.until("end")) == everything[400:]


async def test_a_break_anywhere_costs_no_event(panel: Panel, cookie: str) -> None:
    """Wherever the connection breaks, what comes after the last id completes the page."""
    for n in range(230):
        await panel.emit(JOB, Kind.RESULT, pack(n)) if n % 50 == 0 else await panel.say(JOB, "x")
    await panel.end(JOB)
    async with listen(panel.app, PATH, cookie) as listener:
        messages = await listener.until("end")
    whole = rows(messages)
    assert whole == [*range(1, 234)]
    results = _results(messages)
    assert len(results) == len(set(results)) == 5
    for cut in range(1, len(messages)):
        seen = messages[:cut]
        async with listen(panel.app, PATH, cookie, str(seen[-1].id)) as listener:
            again = await listener.until("end")
        assert sorted({*rows(seen), *rows(again)}) == whole
        assert _results(seen) + _results(again) == results


def _results(messages: list[Message]) -> list[str]:
    parts = "".join(m.data for m in messages if not m.event)
    return re.findall(r'id="R(\d+)"', parts)


async def test_messages_hold_at_most_200_rows(panel: Panel, cookie: str) -> None:
    await panel.say(JOB, *["x"] * 500)
    await panel.end(JOB)
    async with listen(panel.app, PATH, cookie) as listener:
        logs = [m.json for m in await listener.until("end") if m.event == "log"]
    assert [log["from"] for log in logs] == [1, 201, 401]
    assert [log["to"] for log in logs] == [200, 400, 503]


async def test_a_tab_is_sent_what_it_shows(panel: Panel, cookie: str) -> None:
    await panel.emit(JOB, Kind.RESULT, pack("a poem"))
    await panel.end(JOB)
    async with listen(panel.app, f"{PATH}?tab=result", cookie) as listener:
        shown = await listener.until("end")
        assert rows(shown) == []
        assert _results(shown) == ["3"]
    async with listen(panel.app, f"{PATH}?tab=log", cookie) as listener:
        shown = await listener.until("end")
        assert rows(shown) == [1, 2, 3, 4]
        assert _results(shown) == []


async def test_heads_are_few_and_the_last_one_counts(
    panel: Panel, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEAD_SLOT", 0.05)
    async with listen(panel.app, PATH, cookie) as listener:
        await listener.until("state")
        for done in range(1, 31):
            await panel.emit(JOB, Kind.PROGRESS, Progress(done=done, total=30))
        seen: list[Message] = []
        while not seen or seen[-1].json["progress"] != {"done": 30, "total": 30, "text": ""}:
            seen += (await listener.until("state"))[-1:]
        assert len(seen) < 30


async def test_viewers_share_reading_and_rendering(
    panel: Panel, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    original = feeds.chunk_of

    def counted(events: Sequence[Stored], *rest: Any) -> Any:
        made.append(events[0].seq)
        return original(events, *rest)

    monkeypatch.setattr(feeds, "chunk_of", counted)

    async def watch(listener: Listener) -> list[int]:
        return rows(await listener.until("end"))

    async with (
        listen(panel.app, PATH, cookie) as one,
        listen(panel.app, PATH, cookie) as two,
        listen(panel.app, PATH, cookie) as three,
    ):
        watching = [asyncio.create_task(watch(each)) for each in (one, two, three)]
        for n in range(10):
            await panel.say(JOB, str(n))
        await panel.end(JOB)
        assert await asyncio.gather(*watching) == [[*range(1, 14)]] * 3
    assert len(made) == len(set(made)) > 1


async def test_an_idle_stream_reads_nothing_but_sends_heartbeats(
    panel: Panel, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEAT", 0.02)
    async with listen(panel.app, PATH, cookie) as listener:
        await listener.until("state")

        async def unexpected(*_: object) -> None:
            pytest.fail("the database was asked")

        monkeypatch.setattr(feeds.Feeds, "chunk", unexpected)
        beats = [await listener.until("hb") for _ in range(3)]
    assert beats[-1][-1].json["head_seq"] == 2
    assert beats[-1][-1].id == 2


async def test_signing_out_ends_the_stream(
    panel: Panel, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEAT", 0.02)
    async with listen(panel.app, PATH, cookie) as listener:
        await listener.until("hb")
        await panel.domain.people.sign_out(cookie)
        while await listener.read():
            pass
    async with listen(panel.app, PATH, cookie) as listener:
        assert listener.status == 401


async def test_the_farewell_brings_the_actions_of_an_ended_job(panel: Panel, cookie: str) -> None:
    async with listen(panel.app, PATH, cookie) as listener:
        await panel.end(JOB, JobStatus.KILLED)
        last = await listener.until("end")
    parts = [m.data for m in last if not m.event][-1]
    assert 'hx-target="#job-head"' in parts
    assert "/deletion" in parts
    assert '<span class="tabs-count">3</span>' in parts
    assert "/termination" not in parts


@pytest.mark.parametrize(("name", "shown"), [("owner", False), ("operator", True)])
async def test_tracebacks_are_for_operators(panel: Panel, name: str, *, shown: bool) -> None:
    await panel.job()
    failure = Failure(type="ValueError", message="no rain", traceback="File poems.py, line 3")
    await panel.emit(JOB, Kind.ERROR, failure)
    await panel.end(JOB, JobStatus.ERROR)
    async with listen(panel.app, PATH, await panel.cookie(name)) as listener:
        everything = "".join(m.data for m in await listener.until("end"))
    assert "no rain" in everything
    assert ("File poems.py, line 3" in everything) is shown


@pytest.mark.parametrize(("name", "status"), [("stranger", 404), ("auditor", 200), ("", 401)])
async def test_who_may_listen(panel: Panel, name: str, status: int) -> None:
    await panel.job()
    await panel.end(JOB)
    cookie = await panel.cookie(name) if name else "nothing"
    async with listen(panel.app, PATH, cookie) as listener:
        assert listener.status == status


async def test_a_deleted_job_ends_the_stream(panel: Panel, cookie: str) -> None:
    async with listen(panel.app, PATH, cookie, "99") as listener:
        assert listener.status == 200
    async with listen(panel.app, f"/jobs/{'f' * 24}/stream", cookie) as listener:
        assert listener.status == 404
