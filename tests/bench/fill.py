"""Fills a database with finished jobs whose summaries are words by chance."""

import random
from typing import Any

from sqlalchemy import insert, text

from kodosumi.domain.db import Database
from kodosumi.domain.jobs.models import Job
from kodosumi.domain.people.models import fold

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiouy" for c in "ndrskt"]
OLDEST = "The Ärmel of the oldest job of all"
FINAL = '{"Markdown": {"body": "' + "y" * 600 + '"}}'
BEGINNING = 1.7e9
AT_ONCE = 2000


def job(n: int) -> dict[str, Any]:
    """Return the row of job number `n`; number 0 is the oldest."""
    summary = " ".join(random.sample(WORDS, 6)) if n else OLDEST
    return {
        "id": f"{n:024x}",
        "status": "finished",
        "owner_id": 1,
        "service_id": f"{n % 20:024x}",
        "summary": summary,
        "folded": fold(summary),
        "meta": {"summary": summary, "entry_point": "module:run"},
        "inputs": {"topic": "x" * 200},
        "created_at": BEGINNING + n,
        "started_at": BEGINNING + n,
        "ended_at": BEGINNING + n + 5,
        "last_seq": 100,
        "final": FINAL,
    }


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
