"""The rows of the catalogue, brought in line with what was found."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.catalog.models import Service
from kodosumi.domain.catalog.openapi import Found


@dataclass(frozen=True)
class Changes:
    """The summaries of the services that came and went."""

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join([f"+{name}" for name in self.came] + [f"-{name}" for name in self.went])


async def reconcile(
    session: AsyncSession, found: Iterable[Found], unsure: Collection[str], now: float
) -> Changes:
    """Add and update what was found, and mark as gone what was not.

    A service is left alone when its source begins with one of `unsure`.
    """
    rows = {row.id: row for row in await session.scalars(select(Service))}
    came = []
    for one in found:
        row = rows.pop(one.id, None)
        if row is None or row.gone_at is not None:
            came.append(one.summary)
        if row is None:
            row = Service(id=one.id)
            session.add(row)
        _update(row, one, now)
    went = [row for row in rows.values() if row.gone_at is None and not _may_be(row, unsure)]
    for row in went:
        row.gone_at = now
    return Changes(tuple(sorted(came)), tuple(sorted(row.summary for row in went)))


def _update(row: Service, found: Found, now: float) -> None:
    for field, value in asdict(found).items():
        setattr(row, field, list(value) if field == "tags" else value)
    row.seen_at, row.gone_at = now, None


def _may_be(row: Service, unsure: Collection[str]) -> bool:
    return row.source.startswith(tuple(unsure))
