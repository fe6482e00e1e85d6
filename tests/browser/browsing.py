"""Windows of a browser, opened as one person or another, and watched."""

from dataclasses import dataclass, field

from page_watch import PageWatch
from pictures import WIDE, photograph
from playwright.sync_api import Browser, BrowserContext, Page

from tests.live import Visitor

PATIENCE = 60_000
"""Milliseconds that a page may take to show something on a busy machine."""


@dataclass
class Browse:
    """Opens a page in a new window, as nobody or as `who`.

    `expected` are patterns of the problems that belong to the test; any other one fails it.
    """

    browser: Browser
    url: str
    _opened: list[tuple[BrowserContext, PageWatch]] = field(default_factory=list)

    def __call__(
        self,
        who: Visitor | None = None,
        *,
        theme: str = "light",
        width: int = WIDE,
        script: bool = True,
        expected: tuple[str, ...] = (),
    ) -> Page:
        context = self.browser.new_context(
            base_url=self.url,
            java_script_enabled=script,
            viewport={"width": width, "height": 844},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        self._opened.append((context, PageWatch(context, expected)))
        cookies = (
            {cookie.name: cookie.value or "" for cookie in who.http.cookies.jar} if who else {}
        )
        cookies["kodo_theme"] = theme
        context.add_cookies([{"name": n, "value": v, "url": self.url} for n, v in cookies.items()])
        return context.new_page()

    def close(self, picture: str = "") -> list[str]:
        """Close all windows, photographed as `picture` if that is given; return the problems."""
        for context, _ in self._opened:
            for number, page in enumerate(context.pages if picture else ()):
                photograph(page, f"{picture}-{number}")
            context.close()
        return [problem for _, watch in self._opened for problem in watch.problems]
