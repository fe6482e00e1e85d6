"""What the page, the log and the API tell of a job that was ended by force, or never began."""

import pytest
from panel import JOB, Panel, Visitor

from kodosumi.web.failure import SLOW_START
from kodosumi.wire.events import Ended, Kind, Status
from kodosumi.wire.states import JobStatus

PAGE = f"/jobs/{JOB}"
ENDED = Ended(runner=True, tasks=2, actors=1, processes=3, kept=["cache"], unsure=["node 12"])
WORDS = (
    "Ended: the runner, 2 Ray tasks, 1 actor, 3 child processes. "
    "Detached actors live on: cache. Not confirmed: node 12."
)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}?tab=log", f"{PAGE}/log.txt"])
async def test_page_and_log_tell_what_is_gone(panel: Panel, owner: Visitor, path: str) -> None:
    await panel.job()
    status = Status(status=JobStatus.KILLED, by="boss", reason="too slow", ended=ENDED)
    await panel.emit(JOB, Kind.STATUS, status)
    page = (await owner.get(path)).text
    assert WORDS in page
    assert "too slow" in page
    assert "by boss" in page


async def test_the_api_tells_what_is_gone_and_the_number_of_events(
    panel: Panel, owner: Visitor
) -> None:
    await panel.job()
    assert (await owner.get(f"/api/v1/jobs/{JOB}")).json()["ended"] is None
    await panel.emit(JOB, Kind.STATUS, Status(status=JobStatus.KILLED, ended=ENDED))
    job = (await owner.get(f"/api/v1/jobs/{JOB}")).json()
    assert job["ended"] == ENDED.model_dump()
    events = (await owner.get(f"/api/v1/jobs/{JOB}/events")).json()["items"]
    assert events[-1]["payload"]["count"] == events[-1]["seq"] == len(events)


async def test_killing_through_the_page_confirms(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    await panel.cluster.begin(JOB)
    await owner.post(f"{PAGE}/termination", {"reason": "enough"})
    assert "enough. Ended: the runner." in (await owner.get(PAGE)).text


async def test_a_job_that_does_not_begin_says_so(
    panel: Panel, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await panel.domain.jobs.open(JOB, panel.users["owner"], None, {})
    assert "not started" not in (await owner.get(PAGE)).text
    now = panel.domain.clock.now() + SLOW_START + 1
    monkeypatch.setattr(type(panel.domain.clock), "now", lambda _: now)
    assert "Ray has not started this job yet" in (await owner.get(PAGE)).text
