"""Pictures of pages, kept with the results of the tests."""

from playwright.sync_api import Page

from tests.live import ROOT

FOLDER = ROOT / "artifacts" / "screenshots"
WIDE, PHONE, SMALL = 1360, 390, 320
"""Widths of windows in pixels."""


def photograph(page: Page, name: str) -> None:
    """Take a picture of the whole page as it is."""
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")
