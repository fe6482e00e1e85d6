"""Follows the stream of a job from outside, as a browser's EventSource does."""

import asyncio
import json
import re
import time
from html import unescape
from typing import Any, NamedTuple

import httpx

RETRY = 0.2
"""Seconds before connecting again."""

ROW = re.compile(r'data-seq="(\d+)"')
MARK = re.compile(r"\b([a-z]+\d*)#(\d+)(?:@([\d.]+))?")


class Mark(NamedTuple):
    """The event's emitter, its number there, and when it was emitted (0 if it does not tell)."""

    emitter: str
    number: int
    at: float


def mark_of(text: str) -> Mark | None:
    """Return the mark that `text` carries."""
    found = MARK.search(text)
    return Mark(found[1], int(found[2]), float(found[3] or 0)) if found else None


class Follower:
    """Takes each row of a job's log exactly once and in order, or fails.

    It connects again whenever the connection breaks, with the id of the last message. `marks` are
    those of the rows 1, 2, 3 …; `end` is what the stream said last; `ages` the seconds from
    emitting to here of events that tell their time.
    """

    def __init__(self, url: str, cookies: httpx.Cookies, job: str) -> None:
        self.job = job
        self.marks: list[Mark | None] = []
        self.ages: list[float] = []
        self.end: dict[str, Any] = {}
        self.breaks = 0
        self._url = f"{url}/jobs/{job}/stream?tab=log"
        self._cookies = cookies
        self._last_id = ""

    @property
    def seq(self) -> int:
        """The number of the last row."""
        return len(self.marks)

    async def run(self) -> None:
        """Follow to the end.

        Raises:
            AssertionError: a row was missing, came twice, or out of order.
        """
        timeout = httpx.Timeout(10, read=None)
        async with httpx.AsyncClient(cookies=self._cookies, timeout=timeout) as http:
            while not self.end:
                try:
                    await self._connect(http)
                except httpx.TransportError:
                    self.breaks += 1
                if not self.end:
                    await asyncio.sleep(RETRY)
        assert self.end["last"] == self.seq, (self.job, self.end, self.seq)

    async def _connect(self, http: httpx.AsyncClient) -> None:
        headers = {"Last-Event-ID": self._last_id} if self._last_id else {}
        async with http.stream("GET", self._url, headers=headers) as answer:
            if not answer.is_success:
                return
            rest = b""
            async for data in answer.aiter_raw():
                *messages, rest = (rest + data).split(b"\n\n")
                for message in messages:
                    self._take(message.decode())

    def _take(self, message: str) -> None:
        fields = [line.partition(": ") for line in message.split("\n")]
        named = {name: value for name, _, value in fields if name != "data"}
        self._last_id = named.get("id", self._last_id)
        data = "\n".join(value for name, _, value in fields if name == "data")
        if named.get("event") == "log":
            self._take_rows(json.loads(data))
        elif named.get("event") == "end":
            self.end = json.loads(data)

    def _take_rows(self, told: dict[str, Any]) -> None:
        now = time.time()
        parts = ROW.split(told["html"])[1:]
        for seq, html in zip(map(int, parts[::2]), parts[1::2], strict=True):
            assert seq == self.seq + 1, f"job {self.job}: row {seq} came after {self.seq}"
            self._keep(mark_of(unescape(html)), now)
        assert told["to"] == self.seq, (self.job, told["to"], self.seq)

    def _keep(self, mark: Mark | None, now: float) -> None:
        self.marks.append(mark)
        if mark and mark.at:
            self.ages.append(now - mark.at)
