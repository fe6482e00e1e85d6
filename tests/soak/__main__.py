"""`python -m tests.soak`: a mixed load for a long time, and whether anything grows.

Writes artifacts/soak.json and a table; the exit code is 1 when something has grown, a process was
replaced, or a job was not complete.
"""

import argparse
import json
import platform
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from kodosumi import __version__
from tests.faults.places import Process, spooler
from tests.faults.traffic import Traffic
from tests.live import ROOT, Live, LoopThread, PanelProcess
from tests.soak.load import Load
from tests.soak.measure import Meter, Sample
from tests.soak.verdict import Growth, growths, table

EVERY = 15.0
"""Seconds between two samples."""

IDLE = 16
"""Workers that Ray keeps idle: as many as the CPUs of the Ray of the tests."""

WARM_UP = 0.15
"""Share of the time at the beginning whose samples are kept and not judged."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--beside", action="store_true", help="spool in a process of its own")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--output", type=Path, default=ROOT / "artifacts" / "soak.json")
    options = parser.parse_args()
    say(f"Soaking for {options.minutes:g} minutes, seed {options.seed}")
    with running(beside=options.beside) as (loop, live, panel, process):
        folder = Path(tempfile.mkdtemp(prefix="soak-"))
        traffic = Traffic(loop, panel, panel.sign_in(), folder, Random(options.seed))
        load = Load(traffic, loop, options.seed)
        meter = Meter(live, panel, lambda: process.pid if process else None)
        fill(traffic)
        load.start()
        try:
            samples = take(meter, load, options.minutes * 60)
        finally:
            load.stop()
            traffic.close()
    judged = [sample for sample in samples if sample["at"] >= options.minutes * 60 * WARM_UP]
    found = growths(judged)
    restarts = {name: count for name, count in meter.restarts.items() if count}
    write(options.output, load, samples, found, restarts)
    say(table(found))
    say(f"done: {dict(load.done)}; restarts: {restarts}; problems: {len(load.problems)}")
    for problem in load.problems[:5]:
        say(problem)
    bad = bool(load.problems) or bool(restarts) or any(each.grown for each in found)
    say("Something is wrong; see above." if bad else "Nothing has grown beyond noise.")
    return int(bad)


@contextmanager
def running(*, beside: bool) -> Iterator[tuple[LoopThread, Live, PanelProcess, Process | None]]:
    """Give a Ray and a panel of their own, with a spooler `beside` it if wanted."""
    loop = LoopThread()
    live = Live(loop, Path(tempfile.mkdtemp(prefix="soak-ray-")))
    panel = live.panel(KODO_SPOOLER="0" if beside else "1")
    process = spooler(loop, live, panel.data) if beside else None
    try:
        live.start()
        live.deploy(["counting", "simple"])
        panel.start()
        if process:
            process.start()
        yield loop, live, panel, process
    finally:
        if process:
            process.stop()
        panel.stop()
        live.stop()
        loop.close()


def fill(traffic: Traffic) -> None:
    """Have Ray start all the workers that it keeps idle, one for each CPU: else their number grows
    for the first 20 minutes, and what the other processes of Ray hold for each."""
    job = traffic.launch(traffic.plan(seconds=10, pause=0.5, tasks=IDLE))
    traffic.wait_for(job)


def take(meter: Meter, load: Load, seconds: float) -> list[Sample]:
    """Take samples for so long."""
    samples: list[Sample] = []
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < seconds:
        samples.append(meter.sample())
        panel = samples[-1].get("panel.pss", 0) / 1e6
        mailbox = samples[-1].get("mailbox.pss", 0) / 1e6
        say(f"{passed:6.0f} s  panel {panel:.0f} MB  mailbox {mailbox:.0f} MB  {dict(load.done)}")
        time.sleep(max(0, EVERY - (time.monotonic() - begin - passed)))
    return samples


def write(
    path: Path, load: Load, samples: list[Sample], found: list[Growth], restarts: dict[str, int]
) -> None:
    """Keep all figures as JSON."""
    told = {
        "version": __version__,
        "machine": platform.platform(),
        "python": platform.python_version(),
        "done": dict(load.done),
        "problems": load.problems,
        "restarts": restarts,
        "growth": [{**each._asdict(), "grown": each.grown} for each in found],
        "samples": samples,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1))
    say(f"All figures are in {path}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
