"""Opens a page in a browser, and says when something is to be seen."""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright
from playwright.sync_api import TimeoutError as NothingError

from tests.bench.product import LogPage
from tests.live import ROOT

sys.path.append(str(ROOT / "tests" / "browser"))

from chromium import launch

PATIENCE = 15_000.0
"""Milliseconds that a row may take."""

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
    """Milliseconds from the request to the first paint, and to a row of the log if one came."""

    first: float
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
    row: float | None = None
    with suppress(NothingError):
        tab.wait_for_function("window.rowAt !== undefined", timeout=PATIENCE)
        row = tab.evaluate("window.rowAt")
    tab.wait_for_function(f"({FIRST}) !== null", timeout=PATIENCE)
    first = tab.evaluate(FIRST)
    tab.context.close()
    return Paint(first, row)
