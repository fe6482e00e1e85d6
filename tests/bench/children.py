"""Processes that a product is made of, ended in reverse order, and a folder for what they write."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from kodosumi.cli.processes import Child
from tests.live import LoopThread

LOAD = Path(__file__).parent / "load"
"""Where Ray's workers and services find the service under load."""

PATIENCE = 10.0
"""Seconds between SIGTERM and SIGKILL."""


class Children:
    """Starts processes, and ends them all by `close`, with what they have started."""

    def __init__(self, name: str) -> None:
        self.loop = LoopThread()
        self.folder = Path(tempfile.mkdtemp(prefix=f"bench-{name}-"))
        self._ends = ExitStack()
        self._ends.callback(self.loop.close)

    def at_end(self, action: Callable[[], None]) -> None:
        """Call `action` at the end, before all that was noted earlier."""
        self._ends.callback(action)

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> Child:
        """Start a process that writes to the log `name`."""
        child = Child(command, env, self.folder / f"{name}.log")
        self.at_end(lambda: self.loop.run(child.stop(PATIENCE)))
        self.loop.run(child.start())
        return child

    def close(self, *, keep: bool = False) -> None:
        """End all; `keep` leaves the folder."""
        self._ends.close()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
