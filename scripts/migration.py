"""Writes a migration for what was changed in the models: `python scripts/migration.py "Add x"`."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from kodosumi.domain import migrate
from kodosumi.domain.db import Database


async def main(message: str) -> None:
    """Compare the models with a database that has all migrations."""
    with TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder)}/draft.db")
        try:
            await migrate.upgrade(db)
            await migrate.draft(db, message)
        finally:
            await db.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
