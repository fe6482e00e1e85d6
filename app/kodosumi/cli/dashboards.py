"""Finds the dashboard of the Ray that is meant: there Serve's REST API is."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kodosumi.settings import Settings

USUAL = "http://127.0.0.1:8265"


def find_dashboard(settings: Settings) -> str:
    """Return its URL: as set, else of the `koco start` on the same data, else the usual one."""
    asked = settings.dashboard_url or os.environ.get("RAY_DASHBOARD_ADDRESS", "")
    return asked or _of_running(_note(settings)) or USUAL


@contextmanager
def noted(settings: Settings, dashboard: str) -> Iterator[None]:
    """Let other commands find `dashboard` within the block."""
    note = _note(settings)
    note.write_text(json.dumps({"pid": os.getpid(), "dashboard": dashboard}), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _of_running(note: Path) -> str | None:
    """Return the dashboard of a `koco start` that still runs."""
    with suppress(OSError, ValueError, KeyError):
        told = json.loads(note.read_text(encoding="utf-8"))
        os.kill(told["pid"], 0)
        return str(told["dashboard"])
    return None


def _note(settings: Settings) -> Path:
    return settings.data / "start.json"
