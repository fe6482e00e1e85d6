"""The list of jobs and the page of one."""

import re

import pytest
from panel import JOB, NOW, SERVICE, Panel, Visitor
from sqlalchemy import update

from kodosumi.domain.catalog.models import Service
from kodosumi.wire.agents import LLMCall, ToolCall
from kodosumi.wire.codec import pack
from kodosumi.wire.events import Failure, Kind, Progress, dump
from kodosumi.wire.states import JobStatus

PAGE = f"/jobs/{JOB}"


def ids_in(page: str) -> list[str]:
    return re.findall(r'<tr id="job-(\w+)"', page)


async def test_lists_what_the_person_may_see(panel: Panel, owner: Visitor) -> None:
    assert "No jobs yet" in (await owner.get("/jobs")).text
    await panel.job()
    await panel.job("stranger", "0" * 23 + "2")
    assert ids_in((await owner.get("/jobs")).text) == [JOB]
    auditor = await panel.visitor("auditor")
    assert len(ids_in((await auditor.get("/jobs")).text)) == 2
    assert ids_in((await auditor.get("/jobs?mine=on")).text) == []


async def test_filters_and_pages_are_in_the_address(panel: Panel, owner: Visitor) -> None:
    made = [await panel.job(job_id=f"{n:024x}") for n in range(1, 56)]
    await panel.end(made[0])
    first = (await owner.get(f"/jobs?service={SERVICE}&q=rain")).text
    assert ids_in(first) == made[:4:-1]
    older = re.search(r'href="([^"]+)" rel="next"', first)[1].replace("&amp;", "&")
    second = (await owner.get(older)).text
    assert ids_in(second) == made[4::-1]
    assert "hx-trigger" in first
    assert 'hx-trigger="every' not in second
    ended = (await owner.get("/jobs?status=finished&status=error")).text
    assert ids_in(ended) == made[:1]


async def test_a_filter_by_a_service_that_is_gone_is_seen(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    async with panel.domain.db.transaction() as session:
        await session.execute(update(Service).where(Service.id == SERVICE).values(gone_at=NOW))
    assert f'value="{SERVICE}"' not in (await owner.get("/jobs")).text
    page = (await owner.get(f"/jobs?service={SERVICE}")).text
    assert ids_in(page) == [JOB]
    assert re.search(f'value="{SERVICE}" selected>Poems', page)
    assert (await owner.get("/jobs?service=unknown")).status_code == 200


async def test_times_name_their_zone(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.RESULT, pack("a verse"))
    assert "UTC" in (await owner.get(f"{PAGE}?tab=log")).text.split('class="log-bar"')[1]
    assert "UTC" in (await owner.get(PAGE)).text.split('id="job-results"')[1]


async def test_progress_is_in_the_list(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.PROGRESS, Progress(done=1, total=4, text="first <verse>"))
    page = (await owner.get("/jobs")).text
    assert "first &lt;verse&gt;" in page


async def test_a_running_job_is_live_and_readable_without_scripts(
    panel: Panel, owner: Visitor
) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.RESULT, pack("a verse"))
    page = (await owner.get(PAGE)).text
    assert f'hx-sse:connect="/jobs/{JOB}/stream?after=3&amp;tab=result&amp;skip=1"' in page
    assert 'http-equiv="refresh"' in page
    assert "a verse" in page
    assert "Poem about rain" in page
    assert f'action="{PAGE}/cancellation"' in page
    assert f'action="{PAGE}/termination"' in page
    assert f'action="{PAGE}/deletion"' not in page


async def test_an_ended_job_is_still(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.RESULT, pack("a draft"))
    await panel.emit(JOB, Kind.FINAL, '{"Markdown":{"body":"# Hymn\\n\\n*low*"}}')
    await panel.end(JOB)
    page = (await owner.get(PAGE)).text
    assert page.index("final result") < page.index("a draft")
    assert "hx-sse:connect" not in page
    assert "http-equiv" not in page
    assert "<em>low</em>" in page
    assert f'action="{PAGE}/deletion"' in page
    assert f'action="{PAGE}/termination"' not in page


async def test_the_log_shows_every_kind_of_event(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    samples = {
        Kind.INPUTS: dump({"title": "Rain"}),
        Kind.AGENT: pack(ToolCall(agent="Poet", tool="rhymes", args={"word": "rain"}, seconds=2)),
        Kind.DEBUG: dump("<b>debug</b>"),
        Kind.STDOUT: dump("\x1b[31mred\x1b[0m 10%\r100%"),
        Kind.STDERR: dump("warning"),
        Kind.ACTION: pack({"do": "rhyme"}),
        Kind.RESULT: pack("verse"),
        Kind.LOCK: dump({"lock": "l1", "name": "approve"}),
        Kind.LEASE: dump({"lock": "l1", "by": "boss"}),
        Kind.UPLOAD: dump({"batch": "b", "folder": "out", "files": ["poem.txt"]}),
        Kind.PROGRESS: dump(Progress(done=1, total=2)),
        Kind.STEP: dump({"id": "s", "name": "draft"}),
        Kind.USAGE: dump({"model": "m", "input_tokens": 7}),
        Kind.FINAL: pack(None),
        Kind.ERROR: dump(Failure(type="ValueError", message="no rain")),
    }
    for kind, payload in samples.items():
        await panel.emit(JOB, kind, payload)
    assert {*samples, Kind.META, Kind.STATUS} == set(Kind)
    await panel.emit(JOB, Kind.AGENT, pack(LLMCall(agent="Poet", model="m", input_tokens=3)))
    page = (await owner.get(f"{PAGE}?tab=log")).text
    assert set(re.findall(r'data-seq="\d+" data-kind="(\w+)"', page)) == set(Kind)
    for text in (
        "100%",
        "&lt;b&gt;debug&lt;/b&gt;",
        "Poet · rhymes({&#34;word&#34;: &#34;rain&#34;}) · 2.0 s",
        "waits for approve",
        "l1 answered by boss",
        "out: poem.txt",
        "1 of 2",
        "draft: started",
        "m · 7 in tokens",
        "no rain",
        "3 in tokens",
    ):
        assert text in page
    assert "\x1b" not in page
    assert "10%\r" not in page


async def test_what_cannot_be_read_is_shown_as_it_is(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.emit(JOB, Kind.RESULT, '["<i>no", "value"]')
    await panel.emit(JOB, Kind.RESULT, "{}")
    for tab in ("log", "result"):
        page = await owner.get(f"{PAGE}?tab={tab}")
        assert page.status_code == 200
        assert "[&#34;&lt;i&gt;no&#34;" in page.text


async def test_the_log_is_painted_in_windows(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.say(JOB, *[f"line {n}" for n in range(2500)])
    await panel.end(JOB)
    page = (await owner.get(f"{PAGE}?tab=log")).text
    assert len(page) < 250_000
    assert _rows(page) == [*range(1504, 2504)]
    assert f'href="{PAGE}?tab=log&amp;to=1503"' in page
    older = (await owner.get(f"{PAGE}?tab=log&to=1503")).text
    assert _rows(older) == [*range(504, 1504)]
    assert f'href="{PAGE}?tab=log"' in older
    oldest = (await owner.get(f"{PAGE}?tab=log&to=503")).text
    assert _rows(oldest) == [*range(1, 504)]
    assert "Older rows" not in oldest
    some = (await owner.get(f"{PAGE}/log?from=7&to=9")).text
    assert _rows(some) == [7, 8, 9]
    assert len(_rows((await owner.get(f"{PAGE}/log?from=1&to=99999")).text)) == 2000


def _rows(page: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', page)]


async def test_the_raw_log_is_a_file(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.say(JOB, "x" * 20_000, "plain")
    answer = await owner.get(f"{PAGE}/log.txt")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines[1] == "[status] running"
    assert lines[2:] == ["x" * 20_000, "plain"]
    page = (await owner.get(f"{PAGE}?tab=log")).text
    assert "12000 more characters" in page


@pytest.mark.parametrize(
    ("name", "shown"), [("owner", False), ("operator", True), ("auditor", False)]
)
async def test_tracebacks_are_for_operators(panel: Panel, name: str, *, shown: bool) -> None:
    await panel.job()
    failure = Failure(type="ValueError", message="no rain", traceback="File poems.py, line 3")
    await panel.emit(JOB, Kind.ERROR, failure)
    await panel.end(JOB, JobStatus.ERROR)
    visitor = await panel.visitor(name)
    for path in (PAGE, f"/api/v1/jobs/{JOB}", f"/api/v1/jobs/{JOB}/events"):
        answer = (await visitor.get(path)).text
        assert "no rain" in answer
        assert ("poems.py" in answer) is shown, path
    for path in (f"{PAGE}/log.txt", f"{PAGE}/log?from=1&to=9"):
        answer = (await visitor.get(path)).text
        assert "ValueError" in answer
        assert "poems.py" not in answer, path


async def test_cancel_kill_and_delete_are_three(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.cluster.begin(JOB)
    answer = await owner.post(f"{PAGE}/deletion")
    assert answer.status_code == 409
    assert "cancel or kill it first" in answer.text

    answer = await owner.post(f"{PAGE}/termination", {"reason": "too <slow>"})
    assert answer.status_code == 303
    page = (await owner.get(PAGE)).text
    assert "Killed by owner" in page
    assert "too &lt;slow&gt;" in page
    assert (await owner.post(f"{PAGE}/termination")).status_code == 409
    assert (await owner.post(f"{PAGE}/cancellation")).status_code == 409

    assert (await owner.post(f"{PAGE}/deletion")).headers["location"] == "/jobs"
    assert (await owner.get(PAGE)).status_code == 404


async def test_cancelling_says_that_it_was_asked(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.cluster.begin(JOB)
    answer = await owner.post(f"{PAGE}/cancellation")
    assert answer.headers["location"] == f"{PAGE}?notice=cancelled"
    assert "asked to stop" in (await owner.get(answer.headers["location"])).text
    assert await panel.cluster.runners() == frozenset()


async def test_without_ray_history_is_there_and_killing_says_why_not(
    panel: Panel, owner: Visitor
) -> None:
    await panel.job()
    panel.cluster.go_away("gone")
    assert (await owner.get(PAGE)).status_code == 200
    answer = await owner.post(f"{PAGE}/termination")
    assert answer.status_code == 503
    assert "Ray cannot be reached" in answer.text


async def test_jobs_as_json(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.say(JOB, "one", "two")
    job = (await owner.get(f"/api/v1/jobs/{JOB}")).json()
    assert job["status"] == "running"
    assert job["owner"] == "owner"
    assert job["service"]["id"] == SERVICE
    events = (await owner.get(f"/api/v1/jobs/{JOB}/events?after=2&limit=1")).json()
    assert events["head"] == 4
    assert [(e["seq"], e["payload"]) for e in events["items"]] == [(3, "one")]
    names = (await owner.get("/api/v1/services?q=poem")).json()["items"]
    assert [s["summary"] for s in names] == ["Poems"]
    missing = await owner.get("/api/v1/jobs/unknown")
    assert missing.status_code == 404
    assert missing.json()["title"]
