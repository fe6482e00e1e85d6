"""Jobs that run while something breaks, each followed from outside."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import httpx

from tests.faults.follower import Follower
from tests.live import LoopThread, PanelProcess, Visitor, wait_until
from tests.services.counting import STOP, Plan
from tests.services.tally import Numbers, tallies


class Traffic:
    """The jobs of one test: launched, followed, and proven to be complete.

    Tallies are kept in `folder`. Launching is tried again as long as the panel is away; a job whose
    launch was not answered is found by its tally.
    """

    def __init__(
        self, loop: LoopThread, panel: PanelProcess, visitor: Visitor, folder: Path, dice: Random
    ) -> None:
        self.panel = panel
        self.visitor = visitor
        self.folder = folder
        self.dice = dice
        self.followers: dict[str, Follower] = {}
        self.refused = 0
        self.database: Path | None = None  # where to read it, if not where the panel has it
        self._loop = loop
        self._following: dict[str, Future[None]] = {}

    def move(self, panel: PanelProcess) -> None:
        """Go on with another panel."""
        self.panel = panel
        self.visitor = panel.sign_in()

    def sources(self, job: str) -> dict[str, int]:
        """Return the last number stored of each source of a job, as the database has it."""
        return sources(self.database or self.panel.database, job)

    def plan(self, **wanted: float) -> Plan:
        """Return a plan for a job of this test."""
        return replace(Plan(str(self.folder)), **wanted)  # type: ignore[arg-type]

    def launch(self, plan: Plan) -> str:
        """Launch a job and follow it; return its id."""
        job = self.visitor.launch("Count", plan=json.dumps(asdict(plan)))
        self.follow(job)
        return job

    def launch_soon(self, plan: Plan) -> str:
        """Launch a job as soon as its service answers."""

        def launched() -> str:
            with suppress(AssertionError):
                return self.launch(plan)
            return ""

        return str(wait_until(launched, "a launch", 60))

    def follow(self, job: str) -> None:
        """Follow a job from its first event."""
        self.followers[job] = Follower(self.panel.url, self.visitor.http.cookies, job)
        self._following[job] = self._loop.start(self.followers[job].run())

    def begun(self, job: str, emitter: str = "main", number: int = 1) -> Numbers:
        """Wait until an emitter of `job` has begun its event `number`; return its tally."""

        def found() -> Numbers | None:
            tally = tallies(self.folder, job).get(emitter)
            over = self._following[job].done()
            assert not over, self.visitor.events(job)[-3:]
            return tally if tally and tally.begun >= number else None

        numbers: Numbers = wait_until(found, f"{emitter} of job {job} emitting {number}", 90)
        return numbers

    @contextmanager
    def short_jobs(self) -> Iterator[None]:
        """Launch one short job after another, so that beginnings and ends meet the fault too."""
        over = threading.Event()
        thread = threading.Thread(target=self._keep_launching, args=(over.is_set,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def finish(self, seconds: float = 120) -> None:
        """Have all jobs come to their end, and wait until their followers were told."""
        (self.folder / STOP).touch()
        for path in self.folder.glob("*.main"):
            if path.stem not in self.followers:
                self.follow(path.stem)
        for job in self.followers:
            self.wait_for(job, seconds)

    def wait_for(self, job: str, seconds: float = 120) -> None:
        """Wait until the follower of a job has come to the end of the stream."""
        try:
            self._following[job].result(seconds)
        except TimeoutError:
            follower, told = self.followers[job], self.visitor.job(job)
            msg = f"the stream of job {job} stays at {follower.seq}; the job is {told}"
            raise AssertionError(msg) from None

    def close(self) -> None:
        """Let go of all."""
        (self.folder / STOP).touch()
        for following in self._following.values():
            following.cancel()

    def forget(self, job: str) -> None:
        """Drop what is kept of a job whose proof is done."""
        del self.followers[job], self._following[job]
        for path in self.folder.glob(f"{job}.*"):
            path.unlink()

    def _keep_launching(self, over: Callable[[], bool]) -> None:
        dice = Random(self.dice.random())
        while not over():
            job = ""
            try:
                plan = self.plan(seconds=dice.uniform(0.2, 2), tasks=dice.randrange(2))
                job = self.launch(plan)
            except (httpx.TransportError, AssertionError):
                self.refused += 1
            while job and not self._following[job].done() and not over():
                with suppress(TimeoutError):
                    self._following[job].exception(0.2)
            if not job:
                threading.Event().wait(0.3)


def sources(database: Path, job: str) -> dict[str, int]:
    """Return what SQLite has of the sources of a job."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    query = "SELECT source, last FROM sources WHERE job_id = ?"
    found = dict(connection.execute(query, (job,)).fetchall())
    connection.close()
    return found
