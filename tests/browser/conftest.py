"""A browser, the people who use it, and jobs to look at."""

import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from browsing import PATIENCE, Browse
from chromium import launch
from playwright.sync_api import Browser, expect, sync_playwright

from tests.live import PanelProcess, Visitor

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def browse(
    request: pytest.FixtureRequest, chromium: Browser, panel_process: PanelProcess
) -> Iterator[Browse]:
    browse = Browse(chromium, panel_process.url)
    yield browse
    failed = request.node.stash.get(FAILED, False)
    problems = browse.close(f"failed-{request.node.name}" if failed else "")
    assert problems == []


@pytest.fixture(scope="session")
def member(panel_process: PanelProcess) -> Iterator[Visitor]:
    """A person who may launch, and sees only their own jobs."""
    command = [sys.executable, "-m", "kodosumi", "user", "--data", str(panel_process.data)]
    add = [*command, "add", "member", "--password-stdin"]
    subprocess.run(add, input="a long enough secret\n", text=True, check=True)
    visitor = panel_process.sign_in("member", "a long enough secret")
    yield visitor
    visitor.http.close()


@pytest.fixture(scope="session")
def finished(admin: Visitor) -> str:
    """A job that ended well."""
    job = admin.launch("Armstrong numbers", limit="2000", tasks="4", trivial="on")
    admin.wait_for(job, "finished")
    return job


@pytest.fixture(scope="session")
def failed(member: Visitor) -> str:
    """A job of the member that raised."""
    job = member.launch("Fail", kind="private", message="The ledger is out of balance.")
    member.wait_for(job, "error")
    return job


@pytest.fixture
def sleeping(admin: Visitor) -> Callable[[], str]:
    """Launches a job that sleeps until it is ended, and returns when it runs."""

    def launch_one() -> str:
        job = admin.launch("Sleep", kind="nap_sync", seconds="600")
        admin.wait_for(job, "running")
        return job

    return launch_one
