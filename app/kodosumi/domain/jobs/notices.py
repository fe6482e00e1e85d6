"""Notices of commits: how panels over one PostgreSQL tell one another which jobs have news."""

from collections.abc import Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

CHANNEL = "kodosumi_jobs"

ROOM = 7_900
"""Bytes of one notice at most; PostgreSQL takes less than 8,000."""


async def announce(session: AsyncSession, heads: Mapping[str, int]) -> None:
    """Tell all panels of the last number of each job, when this transaction commits.

    Only PostgreSQL can; with SQLite there is nobody to tell but followers, who look by themselves.
    """
    if session.get_bind().dialect.name == "postgresql":
        for notice in notices(heads):
            await session.execute(select(func.pg_notify(CHANNEL, notice)))


def notices(heads: Mapping[str, int]) -> Iterator[str]:
    """Yield `heads` as texts that are small enough: lines of job id and number."""
    lines: list[str] = []
    size = 0
    for job, head in heads.items():
        line = f"{job} {head}"
        size += len(line.encode()) + 1
        if size > ROOM and lines:
            yield "\n".join(lines)
            lines, size = [], len(line.encode()) + 1
        lines.append(line)
    if lines:
        yield "\n".join(lines)


def heads_in(notice: str) -> dict[str, int]:
    """Return what `notices` wrote."""
    lines = (line.rpartition(" ") for line in notice.split("\n"))
    return {job: int(head) for job, _, head in lines}
