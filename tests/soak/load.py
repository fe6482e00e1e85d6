"""A mixed load: quiet jobs, floods, short jobs, viewers that come and go, cancels and kills."""

import threading
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from random import Random

from tests.faults.follower import Follower
from tests.faults.proof import prove
from tests.faults.traffic import Traffic
from tests.live import LoopThread

FLOOD = 20_000
"""Events of a flood."""


class Load:
    """Threads that keep the panel busy until they are stopped; `done` counts what they did.

    Each job is proven to be complete as soon as it has ended; what fails is in `problems`.
    """

    def __init__(self, traffic: Traffic, loop: LoopThread, seed: str) -> None:
        self.done: Counter[str] = Counter()
        self.problems: list[str] = []
        self._traffic = traffic
        self._loop = loop
        self._over = threading.Event()
        self._current = ""
        self._threads = [
            threading.Thread(target=self._repeat, args=(work, Random(f"{seed}{number}"), *pause))
            for number, (work, *pause) in enumerate(
                (
                    (self._quiet, 1, 5),
                    (self._short, 1, 8),
                    (self._flood, 20, 60),
                    (self._end_early, 10, 30),
                    (self._view, 1, 5),
                    (self._view, 1, 5),
                    (self._look_around, 1, 4),
                )
            )
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let all come to its end."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _repeat(
        self, work: Callable[[Random], None], dice: Random, low: float, high: float
    ) -> None:
        while not self._over.wait(dice.uniform(low, high)):
            try:
                work(dice)
            except Exception:  # noqa: BLE001 - told at the end
                self.problems.append(traceback.format_exc(limit=-4))

    def _run(self, what: str, **plan: float) -> None:
        job = self._current = self._traffic.launch(self._traffic.plan(**plan))
        self._traffic.wait_for(job, plan.get("seconds", 0) + 120)
        self._prove(what, job, "finished")

    def _prove(self, what: str, job: str, status: str) -> None:
        self.done["events"] += prove(self._traffic, job, status)
        self.done[what] += 1
        self._traffic.forget(job)

    def _quiet(self, dice: Random) -> None:
        self._run("quiet jobs", seconds=dice.uniform(30, 90), pause=0.3, tasks=1)

    def _short(self, dice: Random) -> None:
        self._run("short jobs", seconds=dice.uniform(0.1, 2), pause=0.01)

    def _flood(self, _dice: Random) -> None:
        self._run("floods", limit=FLOOD, pause=0)

    def _end_early(self, dice: Random) -> None:
        job = self._traffic.launch(self._traffic.plan(seconds=120, pause=0.1))
        self._traffic.begun(job, number=dice.randrange(1, 20))
        status, action = dice.choice((("cancelled", "cancellation"), ("killed", "termination")))
        page = f"/jobs/{job}"
        self._traffic.visitor.submit(page, f"{page}/{action}", reason="enough")
        self._traffic.wait_for(job)
        self._prove(status, job, status)

    def _view(self, dice: Random) -> None:
        """Watch some running job for a while, and leave in the middle."""
        if not self._current:
            return
        cookies = self._traffic.visitor.http.cookies
        viewer = Follower(self._traffic.panel.url, cookies, self._current)
        following: Future[None] = self._loop.start(viewer.run())
        with suppress(TimeoutError):
            following.result(dice.uniform(0.2, 10))
        following.cancel()
        self.done["views"] += 1

    def _look_around(self, dice: Random) -> None:
        visitor = self._traffic.visitor
        paths = ["/jobs", "/services", "/jobs?q=count", f"/jobs/{self._current}?tab=log"]
        answer = visitor.http.get(dice.choice(paths[: 4 if self._current else 3]))
        assert answer.status_code == 200, answer
        self.done["pages"] += 1
