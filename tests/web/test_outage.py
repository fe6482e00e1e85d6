"""A panel whose database takes no changes: what is stored can be read, and nothing is pretended."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from panel import SERVICE, Panel, Visitor, panel_in

from kodosumi.cli.wiring import keeper
from kodosumi.domain import db as module
from kodosumi.domain.errors import NotFoundError, UnavailableError


@pytest.fixture
async def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Panel]:
    monkeypatch.setattr(module, "BUSY", 0.2)
    monkeypatch.setattr("kodosumi.background.keeper.LOOK", 0.05)
    monkeypatch.setattr("kodosumi.domain.jobs.late.PAUSE", 0.05)
    async with panel_in(tmp_path, daemons=[keeper]) as panel:
        yield panel


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the write lock as another process would."""
    other = sqlite3.connect(folder / "panel.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


async def noted(panel: Panel, job: str) -> int | None:
    """Return whose job it is, once it is in the database."""
    async with asyncio.timeout(20):
        while True:
            try:
                return (await panel.domain.jobs.get(panel.users["boss"], job)).owner_id
            except NotFoundError:
                await asyncio.sleep(0.02)


async def test_pages_are_read_and_say_so(panel: Panel, owner: Visitor, tmp_path: Path) -> None:
    job = await panel.job()
    await panel.say(job, "hello")
    nobody = await panel.visitor()
    with locked(tmp_path):
        with pytest.raises(UnavailableError):
            await panel.domain.jobs.open("later", panel.users["owner"], None, {})
        page = await owner.get(f"/jobs/{job}?tab=log")
        assert page.status_code == 200
        assert "hello" in page.text
        assert "The database takes no changes" in page.text
        health = await owner.get("/health")
        assert (health.status_code, health.json()["database"]) == (200, "read-only")
        answer = await owner.post(f"/services/{SERVICE}", {"title": "Rain"})
        assert answer.status_code == 503
        assert "Nothing was launched" in answer.text
        assert not [sent for sent in panel.service.seen if sent.method == "POST"]
        page = await nobody.get("/login")
        assert page.status_code == 200
    assert await noted(panel, "later") == panel.users["owner"].id
    page = await owner.get("/jobs")
    assert "The database takes no changes" not in page.text
    assert (await owner.get("/health")).json()["database"] == "up"


async def test_a_job_that_was_launched_in_that_moment_is_neither_lost_nor_denied(
    panel: Panel, owner: Visitor, tmp_path: Path
) -> None:
    with locked(tmp_path):
        answer = await owner.post(f"/services/{SERVICE}", {"title": "Rain"})
        assert answer.status_code == 503
        (job,) = await panel.cluster.runners()
        job = job.removeprefix("runner-")
        assert f"Job {job} has been started and runs" in answer.text
    assert await noted(panel, job) == panel.users["owner"].id


async def test_signing_in_is_answered(
    panel: Panel, nobody: Visitor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await panel.domain.people.add("newcomer", "long enough")
    form = {"name": "newcomer", "password": "long enough", "redirect": "/"}
    with locked(tmp_path):
        answer = await nobody.post("/login", form)
    assert answer.status_code == 503
    assert "Another process keeps the database locked" in answer.text
    assert not [record for record in caplog.records if record.exc_info]
    assert (await nobody.post("/login", form)).status_code == 303
