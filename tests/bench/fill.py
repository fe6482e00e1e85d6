"""Fills a database with finished jobs: `python -m tests.bench.fill URL FIRST LAST`."""

import asyncio
import random
import sys
from typing import Any

from sqlalchemy import insert, text

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.models import Job

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiouy" for c in "ndrskt"]
OLDEST = "The Ärmel of the oldest job of all"
FINAL = '{"Markdown": {"body": "' + "y" * 600 + '"}}'
BEGINNING = 1.7e9
AT_ONCE = 2000


def job(n: int) -> dict[str, Any]:
    """Return the row of job number `n`; number 0 is the oldest."""
    summary = " ".join(random.sample(WORDS, 6)) if n else OLDEST
    row = {
        "id": f"{n:024x}",
        "status": "finished",
        "owner_id": 1,
        "service_id": f"{n % 20:024x}",
        "summary": summary,
        "meta": {"summary": summary, "entry_point": "module:run"},
        "inputs": {"topic": "x" * 200},
        "created_at": BEGINNING + n,
        "started_at": BEGINNING + n,
        "ended_at": BEGINNING + n + 5,
        "last_seq": 100,
        "final": FINAL,
    }
    if "folded" in Job.__table__.columns:  # versions before it are measured, too
        row["folded"] = summary.casefold()
    return row


async def fill(url: str, first: int, last: int) -> None:
    """Add the jobs from `first` up to but without `last`."""
    db = Database(url)
    for start in range(first, last, AT_ONCE):
        rows = [job(n) for n in range(start, min(last, start + AT_ONCE))]
        async with db.transaction() as session:
            await session.execute(insert(Job), rows)
    if url.startswith("postgres"):
        async with db.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE jobs"))  # as the server does by itself
    await db.close()


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
