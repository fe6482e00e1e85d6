"""Notes what goes wrong in a browser unseen: scripts, requests, what the page's policy forbids."""

import re
from collections.abc import Sequence

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response


class PageWatch:
    """The problems of all pages of a context, but for those that match `expected`."""

    def __init__(self, context: BrowserContext, expected: Sequence[str]) -> None:
        self.problems: list[str] = []
        self._expected = expected
        context.on("console", self._said)
        context.on("weberror", lambda error: self._note(f"script failed: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # A violated policy is an error here; an answer that is none is noted below.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self._note(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # What the browser broke off itself, since the person went elsewhere, is no problem.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"{request.failure} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.status} {response.url}")

    def _note(self, problem: str) -> None:
        if not any(re.search(each, problem) for each in self._expected):
            self.problems.append(problem)
