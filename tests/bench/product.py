"""What is measured: a kodosumi that runs, as its front door shows it."""

from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from tests.bench.sse import Watch


@dataclass(frozen=True)
class Order:
    """What a job does: a `kind` of bench_work, how often, and how many times a second."""

    kind: str
    count: int = 1
    rate: float = 0.0

    def form(self) -> dict[str, str]:
        """Return the fields of the service's form."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Launched:
    """A job, and when its form was sent and answered, in seconds since the epoch."""

    job: str
    asked: float
    answered: float


@dataclass(frozen=True)
class Seek:
    """A request for a list, and a text that its answer must contain."""

    path: str
    finds: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LogPage:
    """The page that shows a job's log, and the CSS selector of its last row.

    `stream` is the address of all lines instead, for a page that is filled by them alone.
    """

    path: str
    row: str = ""
    stream: str = ""


class Stock(Protocol):
    """Makes finished jobs, without running them."""

    async def add_jobs(self, count: int) -> None:
        """Add so many finished jobs."""

    async def add_oldest(self, summary: str) -> None:
        """Add a finished job that is older than all others."""

    async def add_log(self, lines: int) -> str:
        """Add a finished job with so many lines in its log; return its id."""


class Product(Protocol):
    """A panel, its Ray and the service under load, on ports and in folders of their own."""

    name: str
    folder: Path
    """Where it keeps its data and logs."""
    standby: bool
    """Whether it keeps runners ready."""
    sign_in_page: Seek
    http: httpx.AsyncClient
    """A browser that has signed in, without redirects; opened by `enter`."""

    def start(self) -> None:
        """Start all of it."""

    def stop(self, *, keep: bool = False) -> None:
        """End all of it; `keep` leaves its folder, for its logs."""

    def versions(self) -> dict[str, str]:
        """Return the versions of the product and what it runs on."""

    async def enter(self) -> None:
        """Sign in."""

    async def launch(self, order: Order, *, cold: bool = False) -> Launched:
        """Send the form; `cold` asks for the service that keeps no runner ready."""

    async def watch(self, job: str, expected: int, stream: str = "") -> Watch:
        """Open the stream that the job's page opens, or the one at the path `stream`."""

    async def end(self, job: str) -> None:
        """End a running job by force."""

    def pids(self, part: str) -> list[int]:
        """Return the processes of the `panel`, the `spooler` or `ray`."""

    def stock(self) -> AbstractAsyncContextManager[Stock]:
        """Return what makes finished jobs."""

    def seeks(self, needle: str) -> dict[str, Seek]:
        """Return the requests `first page`, `search` for the quoted needle, and `changes`."""

    def log_page(self, job: str, lines: int) -> LogPage:
        """Return the page of a finished job's log."""
