"""Finished jobs for the peer's lists and logs: copies of a real job's file under new ids."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from secrets import token_hex

from tests.live import wait_until

FILE = "sqlite3.db"
OLD = 0x60000000
"""Ids begin with the time in seconds, and lists are sorted by them: these are of January 2021."""


class Stock:
    """Adds jobs to the folder of a user."""

    def __init__(self, folder: Path, job: str) -> None:
        self._folder = folder
        self._template = folder.parent / "template.db"
        self._made = 0
        wait_until(lambda: _ended(folder / job / FILE), "the end of the job to copy")
        _copy_whole(folder / job / FILE, self._template)

    async def add_jobs(self, count: int) -> None:
        """Add copies of the job, each newer than those before."""
        for _ in range(count):
            self._made += 1
            self._copy(OLD + self._made)

    async def add_oldest(self, summary: str) -> None:
        """Add a job that is older than all others."""
        with closing(sqlite3.connect(self._copy(OLD - 1), isolation_level=None)) as base:
            found = base.execute("SELECT message FROM monitor WHERE kind = 'meta'").fetchone()
            meta = json.loads(found[0])
            meta["dict"]["summary"] = summary
            change = "UPDATE monitor SET message = ? WHERE kind = 'meta'"
            base.execute(change, (json.dumps(meta),))

    async def add_log(self, lines: int) -> str:
        """Add a job that printed so many lines; return its id."""
        made = self._copy(OLD - 2)
        with closing(sqlite3.connect(made)) as base:
            (at,) = base.execute("SELECT min(timestamp) FROM monitor").fetchone()
            base.execute("UPDATE monitor SET id = id + ? WHERE id > 3", (lines,))
            rows = ((n + 3, at + n / 1e6, "stdout", f"@{n}@0.0@") for n in range(1, lines + 1))
            base.executemany("INSERT INTO monitor VALUES (?, ?, ?, ?)", rows)
            base.commit()
        return made.parent.name

    def _copy(self, stamp: int) -> Path:
        made = self._folder / f"{stamp:08x}{token_hex(8)}" / FILE
        made.parent.mkdir()
        shutil.copyfile(self._template, made)
        return made


def _ended(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as base:
        query = "SELECT count(*) FROM monitor WHERE kind = 'status' AND message = 'finished'"
        return bool(base.execute(query).fetchone()[0])


def _copy_whole(file: Path, target: Path) -> None:
    """Copy what is in the log beside the file too; leave it as the spooler leaves its files."""
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as base:
        base.execute("VACUUM INTO ?", (str(target),))
    with closing(sqlite3.connect(target)) as base:
        base.execute("PRAGMA journal_mode=wal")
