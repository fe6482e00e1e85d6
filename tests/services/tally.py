"""What an emitter of the fault tests knows of itself, in a file that outlives its SIGKILL."""

import mmap
from pathlib import Path
from typing import NamedTuple

SIZE = 32


class Numbers(NamedTuple):
    """`begun`: the last number handed to the tracer, or about to be. `stored`: the last one that
    the source knew to be stored. `done`: 1 once it has emitted all that it wanted."""

    begun: int
    stored: int
    done: int
    pid: int


class Tally:
    """Memory shared with a file: written at once, and kept by the kernel when the process dies."""

    def __init__(self, path: Path, pid: int) -> None:
        fresh = path.with_name(f"new-{path.name}")
        fresh.write_bytes(bytes(SIZE))
        fresh.rename(path)
        with path.open("r+b") as file:
            self._numbers = memoryview(mmap.mmap(file.fileno(), SIZE)).cast("q")
        self._numbers[3] = pid

    def begin(self, number: int) -> None:
        self._numbers[0] = number

    def know_stored(self, number: int) -> None:
        self._numbers[1] = number

    def finish(self) -> None:
        self._numbers[2] = 1


def tallies(folder: Path, job: str) -> dict[str, Numbers]:
    """Return the numbers of all emitters of `job` by name."""
    return {path.suffix[1:]: read(path) for path in folder.glob(f"{job}.*")}


def read(path: Path) -> Numbers:
    return Numbers(*memoryview(path.read_bytes()).cast("q"))
