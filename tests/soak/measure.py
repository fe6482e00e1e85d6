"""Samples of all processes of a panel and its Ray, as series of numbers over time."""

import time
from collections import Counter
from collections.abc import Callable

import httpx

from tests.faults.breakers import actors
from tests.faults.figures import title, usage
from tests.live import Live, PanelProcess

ROLES = {
    "gcs_server": "gcs",
    "raylet/raylet": "raylet",
    "dashboard/dashboard.py": "dashboard",
    "ray::Mailbox": "mailbox",
    "ray::ServeController": "controller",
    "ray::ServeReplica": "replica",
    "ray::ProxyActor": "proxy",
}
"""Part of a process's title, and what the process is here."""

RUNNERS = ("ray::Runner", "ray::WaitingRunner")

Sample = dict[str, float]
"""`name.pss` in bytes, `name.files`, `name.threads`; `ray.actors`, `ray.workers`, `ray.runners`;
`database.bytes`; `at` in seconds since the first sample."""


class Meter:
    """Takes samples; `restarts` counts how often a process was replaced by another."""

    def __init__(self, live: Live, panel: PanelProcess, spooler: Callable[[], int | None]) -> None:
        self.restarts: Counter[str] = Counter()
        self._live = live
        self._panel = panel
        self._spooler = spooler
        self._pids: dict[str, int] = {}
        self._begin = time.monotonic()

    def sample(self) -> Sample:
        """Return how things are now; what cannot be read is left out."""
        titles = {pid: title(pid) for pid in self._live.pids()}
        sample: Sample = {"at": round(time.monotonic() - self._begin, 1)}
        for name, pid in self._roles(titles).items():
            self._note(name, pid)
            try:
                used = usage(pid)
            except (OSError, StopIteration):
                continue
            figures = {"pss": used.pss, "files": used.files, "threads": used.threads}
            sample |= {f"{name}.{what}": value for what, value in figures.items()}
        return sample | self._counts(titles) | self._database()

    def _roles(self, titles: dict[int, str]) -> dict[str, int]:
        found = {"panel": self._panel.pid}
        if spooler := self._spooler():
            found["spooler"] = spooler
        for pid, words in titles.items():
            for part, name in ROLES.items():
                if part in words:
                    found[name] = pid
        return found

    def _note(self, name: str, pid: int) -> None:
        self.restarts[name] += self._pids.get(name, pid) != pid
        self._pids[name] = pid

    def _counts(self, titles: dict[int, str]) -> Sample:
        words = titles.values()
        counts = {
            "ray.workers": sum(each.startswith("ray::") for each in words),
            "ray.runners": sum(each.startswith(RUNNERS) for each in words),
        }
        try:
            return {**counts, "ray.actors": len(actors(self._live))}
        except httpx.HTTPError:
            return dict(counts)

    def _database(self) -> Sample:
        files = self._panel.data.glob(f"{self._panel.database.name}*")
        return {"database.bytes": sum(file.stat().st_size for file in files)}
