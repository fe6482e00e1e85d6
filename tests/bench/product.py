"""What is measured: a kodosumi that runs, as its front door shows it."""

from dataclasses import asdict, dataclass
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


class Product(Protocol):
    """A panel, its Ray and the service under load, on ports and in folders of their own."""

    name: str
    standby: bool
    """Whether it keeps runners ready."""
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

    async def watch(self, job: str, expected: int) -> Watch:
        """Open the stream that the job's page opens."""

    async def end(self, job: str) -> None:
        """End a running job by force."""

    def pids(self, part: str) -> list[int]:
        """Return the processes of the `panel`, the `spooler` or `ray`."""
