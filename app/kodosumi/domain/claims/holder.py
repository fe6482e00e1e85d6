"""Who holds a claim. Nothing here needs the database."""

import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Self


class ClaimLostError(Exception):
    """Somebody else may hold the claim by now: whoever did the work must stop."""


@dataclass(frozen=True)
class Holder:
    """A process that holds a claim, `since` a time in seconds since the epoch."""

    host: str
    pid: int
    since: float

    @classmethod
    def myself(cls) -> Self:
        """Return this process, from now on."""
        return cls(socket.gethostname(), os.getpid(), time.time())

    @classmethod
    def load(cls, text: str) -> Self | None:
        """Return what `dump` wrote, None if it is not that."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def dump(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.since, UTC)
        return f"process {self.pid} on {self.host} since {since:%Y-%m-%d %H:%M:%S} UTC"
