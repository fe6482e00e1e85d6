"""A flood beside a quiet job: how fast, how late, how much memory.

`python -m tests.faults.flood` prints the figures and fails when the quiet job's events come late.
"""

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.faults.apart import Apart
from tests.faults.breakers import mailbox_pid
from tests.faults.figures import pss, quantile
from tests.faults.proof import prove
from tests.faults.traffic import Traffic
from tests.live import Live, LoopThread

EVENTS = 200_000

LATE = 0.2
"""Seconds from emitting to the stream that 95 of 100 events of the quiet job may take."""

EVERY = 0.5
"""Seconds between two looks at the memory."""


class Outcome(NamedTuple):
    """Seconds until the flood's last event was on its stream, ages of the quiet job's events in
    seconds while it lasted, and memory in bytes: before, and at most."""

    seconds: float
    ages: list[float]
    before: dict[str, int]
    most: dict[str, int]

    def told(self, events: int) -> str:
        """Return the figures in words."""
        p50, p95 = (quantile(self.ages, share) * 1000 for share in (0.5, 0.95))
        memory = ", ".join(
            f"{name} {self.before[name] / 1e6:.0f} -> at most {self.most[name] / 1e6:.0f} MB"
            for name in self.most
        )
        return (
            f"{events:,} events in {self.seconds:.1f} s ({events / self.seconds:,.0f}/s); beside "
            f"it {len(self.ages)} quiet events p50 {p50:.0f} ms, p95 {p95:.0f} ms, at most "
            f"{max(self.ages) * 1000:.0f} ms; memory: {memory}"
        )


def flood(traffic: Traffic, live: Live, events: int = EVENTS) -> Outcome:
    """Flood the panel, and prove that all arrived exactly once and in order."""
    quiet = traffic.launch(traffic.plan(pause=0.1, timed=True))
    apart = Apart(traffic.panel.url, traffic.visitor.http.cookies, quiet)
    traffic.begun(quiet, number=20)
    pids = {"panel": traffic.panel.pid, "mailbox": mailbox_pid(live)}
    before = {name: pss(pid) for name, pid in pids.items()}
    loud = traffic.launch(traffic.plan(limit=events, pause=0))
    traffic.begun(loud)
    started = time.time()
    over = threading.Event()
    most = dict(before)
    watcher = threading.Thread(target=_watch, args=(pids, most, over))
    watcher.start()
    try:
        traffic.wait_for(loud, 160)
    finally:
        over.set()
        watcher.join()
    ended = time.time()
    traffic.finish()
    ages = apart.ages(started, ended)
    assert prove(traffic, loud, "finished") >= events
    prove(traffic, quiet, "finished")
    return Outcome(ended - started, ages, before, most)


def _watch(pids: dict[str, int], most: dict[str, int], over: threading.Event) -> None:
    while not over.wait(EVERY):
        for name, pid in pids.items():
            most[name] = max(most[name], pss(pid))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    events = parser.parse_args().events
    loop, folder = LoopThread(), Path(tempfile.mkdtemp(prefix="flood-"))
    live = Live(loop, folder)
    panel = live.panel()
    try:
        live.start()
        live.deploy(["counting"])
        panel.start()
        traffic = Traffic(loop, panel, panel.sign_in(), folder, Random())
        outcome = flood(traffic, live, events)
        traffic.close()
    finally:
        panel.stop()
        live.stop()
        loop.close()
    print(outcome.told(events))  # noqa: T201 - what it is for
    return int(quantile(outcome.ages, 0.95) > LATE)


if __name__ == "__main__":
    sys.exit(main())
