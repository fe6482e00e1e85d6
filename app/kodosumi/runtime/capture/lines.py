"""Lines in the making: text that arrives in pieces, as a terminal would show it."""

import time

from kodosumi.wire.codec import clean

LONGEST = 100_000
"""Characters of a line that are kept."""

GLANCE = 5.0
"""Seconds after which a line that is written over and over is shown as it stands."""


class Line:
    """What has been written of a line. Takes little more memory than its longest form."""

    def __init__(self) -> None:
        self._under = ""  # what stood in the line before the carriage was last returned
        self._parts: list[str] = []
        self._length = 0
        self._over = False
        self._shown_at = 0.0

    def add(self, text: str) -> str | None:
        """Take more of the line; return a glance at it when one is due.

        That is only so for lines that are written over, as the bars of long work are.
        """
        *written, text = text.split("\r")
        for piece in written:
            self._append(piece)
            self._return()
        self._append(text)
        return self._glance() if written else None

    def end(self) -> str:
        """Return the line as a terminal shows it, and start a new one."""
        length = self._length
        line = self._seen() if self._over else "".join(self._parts)
        self._under = ""
        self._over = False
        self._clear()
        if length > LONGEST:
            line = f"{line[:LONGEST]} … ({length - LONGEST:,} more characters cut)"
        return clean(line)

    @property
    def started(self) -> bool:
        """True when something has been written that would be seen."""
        return bool(self._length or self._under)

    def _append(self, text: str) -> None:
        if text:
            room = LONGEST - self._length
            if room > 0:
                self._parts.append(text[:room])
            self._length += len(text)

    def _return(self) -> None:
        if not self._over:
            self._over = True
            self._shown_at = time.monotonic()
        self._under = self._seen()
        self._clear()

    def _glance(self) -> str | None:
        now = time.monotonic()
        if now - self._shown_at < GLANCE:
            return None
        self._shown_at = now
        return clean(self._seen())

    def _seen(self) -> str:
        return _laid("".join(self._parts), self._under)

    def _clear(self) -> None:
        self._parts.clear()
        self._length = 0


def _laid(text: str, under: str) -> str:
    """Return what is seen when `text` is written over `under`, from the left."""
    if not text:
        return under
    if "\x1b" in text or "\x1b" in under:  # it clears the line or colours it: no letters to count
        return text.rstrip(" ")
    return (text + under[len(text) :]).rstrip(" ")
