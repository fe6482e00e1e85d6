"""Opens a page in a browser, and says when something is to be seen."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.bench.product import LogPage
from tests.live import ROOT

sys.path.append(str(ROOT / "tests" / "browser"))

from chromium import launch

PATIENCE = 15.0
"""Seconds that a row may take."""

FIRST = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"

WATCH = """
new MutationObserver((_, observer) => {
    if (document.querySelector(%s)) {
        window.rowAt = performance.now();
        observer.disconnect();
    }
}).observe(document, { childList: true, subtree: true });
"""
"""Notes in the page when the row is there: asking from outside would take its time too."""


class NotThereError(Exception):
    """There is no browser on this machine."""


@dataclass(frozen=True)
class Paint:
    """Milliseconds from the request to the first paint, and to the last row of the log."""

    first: float | None
    row: float | None


def paint(base: str, page: LogPage, cookies: dict[str, str], times: int) -> list[Paint]:
    """Open the page several times in a browser that is warm, each time with an empty cache."""
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except Error as error:
            msg = f"in a browser: there is none ({error})"
            raise NotThereError(msg) from None
        jar = [{"name": name, "value": value, "url": base} for name, value in cookies.items()]
        _open(browser, base).goto("/login")
        found = [_paint(_open(browser, base, jar), page) for _ in range(times)]
        browser.close()
        return found


def _open(browser: Browser, base: str, cookies: Sequence[Any] = ()) -> Page:
    context = browser.new_context(base_url=base)
    context.add_cookies(list(cookies))
    return context.new_page()


def _paint(tab: Page, page: LogPage) -> Paint:
    tab.add_init_script(WATCH % json.dumps(page.row))
    tab.goto(page.path, wait_until="commit")
    row, first = _asked(tab, "window.rowAt ?? null"), _asked(tab, FIRST)
    tab.context.close()
    return Paint(first, row)


def _asked(tab: Page, expression: str) -> float | None:
    """Return what the page says as soon as it says something; its CSP forbids to wait in it."""
    until = time.monotonic() + PATIENCE
    while (found := tab.evaluate(expression)) is None and time.monotonic() < until:
        tab.wait_for_timeout(20)
    return found
