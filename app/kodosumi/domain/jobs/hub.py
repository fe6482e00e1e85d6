"""The hub wakes the streams of a job when events of it have been committed."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping

REMEMBERED = 50_000
"""Jobs whose last number is remembered, the most recently active ones."""


class Hub:
    """Knows the last committed number of each job that was active lately; holds no events.

    What other processes commit it hears of through somebody who listens. When that somebody may
    have missed something, it says so (`doubt`): then each job that is waited for is looked up once.
    """

    def __init__(self) -> None:
        self._heads: OrderedDict[str, int] = OrderedDict()
        self._news: dict[str, asyncio.Event] = {}
        self._waiting: Counter[str] = Counter()
        self._sure: set[str] | None = None  # None: nothing can be missed
        self._doubtful: set[str] = set()
        self._doubted = asyncio.Event()

    def publish(self, heads: Mapping[str, int]) -> None:
        """Tell that events up to `heads[job]` are committed."""
        for job, head in heads.items():
            known = self._heads.pop(job, 0)
            self._heads[job] = max(head, known)
            if head > known and job in self._news:
                self._news.pop(job).set()
        while len(self._heads) > REMEMBERED:
            self._heads.popitem(last=False)

    def head(self, job: str) -> int:
        """Return the last number known to be committed; 0 for a job without recent events."""
        return self._heads.get(job, 0)

    def watched(self) -> frozenset[str]:
        """Return the jobs that somebody waits for."""
        return frozenset(self._waiting)

    def doubt(self) -> None:
        """Take note that commits may have gone unheard up to now."""
        self._sure = set()
        for job in self._waiting:
            self._question(job)

    async def doubtful(self) -> frozenset[str]:
        """Wait until somebody waits for a job that must be looked up, and return all of those."""
        await self._doubted.wait()
        jobs = frozenset(self._doubtful)
        self._doubtful.clear()
        self._doubted.clear()
        return jobs

    def assure(self, jobs: Iterable[str]) -> None:
        """Take note that `jobs` have been looked up, and published, since `doubt`."""
        if self._sure is not None:
            if len(self._sure) > REMEMBERED:
                self._sure.clear()  # they are looked up once more
            self._sure.update(jobs)

    async def wait(self, job: str, after: int, seconds: float) -> bool:
        """Wait until an event numbered beyond `after` is committed; False after `seconds`.

        Nothing is missed between reading up to `after` from the database and this call: what was
        committed meanwhile is remembered.
        """
        try:
            async with asyncio.timeout(seconds):
                while self.head(job) <= after:
                    await self._next(job)
        except TimeoutError:
            return False
        return True

    async def _next(self, job: str) -> None:
        news = self._news.setdefault(job, asyncio.Event())
        self._waiting[job] += 1
        self._question(job)
        try:
            await news.wait()
        finally:
            self._waiting[job] -= 1
            if not self._waiting[job]:
                del self._waiting[job]
                self._news.pop(job, None)

    def _question(self, job: str) -> None:
        """Have `job` looked up, if something may have been missed of it."""
        if self._sure is not None and job not in self._sure:
            self._doubtful.add(job)
            self._doubted.set()
