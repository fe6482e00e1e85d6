"""Check that the migrations make the tables of the models, or draft the next migration.

Usage: migrations.py check
       migrations.py draft "add teams"
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from kodosumi.domain import migrate
from kodosumi.domain.db import Database


async def main(verb: str, message: str = "") -> int:
    """Migrate an empty database in a temporary folder, then check or draft; give the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder)}/kodosumi.db")
        try:
            await migrate.upgrade(db)
            if verb == "draft":
                await migrate.draft(db, message)
                return 0
            differences = await migrate.check(db)
        finally:
            await db.close()
    print("\n".join(differences) or "Migrations and models agree.")
    return bool(differences)


if __name__ == "__main__":
    verb, *message = sys.argv[1:] or [""]
    if verb not in {"check", "draft"} or (verb == "draft" and not any(message)):
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(verb, *message)))
