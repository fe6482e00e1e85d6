"""A plugin: in a run of several kinds of tests, the fast ones come first, in random order.

Playwright keeps an event loop running in the main thread, where no asynchronous test can follow: so
the browser comes last.
"""

import pytest

STAGES = ("postgres", "slow", "ray", "packaging", "browser")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=stage)


def stage(item: pytest.Item) -> int:
    """Give 0 for a default test, else the place of its last marker."""
    return max(
        (STAGES.index(mark.name) + 1 for mark in item.iter_markers() if mark.name in STAGES),
        default=0,
    )
