"""The hub wakes the streams of a job when events of it have been committed."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Mapping

REMEMBERED = 50_000
"""Jobs whose last number is remembered, the most recently active ones."""


class Hub:
    """Knows the last committed number of each job that was active lately; holds no events."""

    def __init__(self) -> None:
        self._heads: OrderedDict[str, int] = OrderedDict()
        self._news: dict[str, asyncio.Event] = {}
        self._waiting: Counter[str] = Counter()

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
        try:
            await news.wait()
        finally:
            self._waiting[job] -= 1
            if not self._waiting[job]:
                del self._waiting[job]
                self._news.pop(job, None)
