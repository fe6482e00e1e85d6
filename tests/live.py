"""A plugin: a real Ray, Serve and panel, started once for a test session on ports of their own.

There is one mailbox on a Ray, and so one panel at a time: tests that stop it start it again.
"""

import asyncio
import os
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from kodosumi.cli.processes import Child
from kodosumi.cluster.local_ray import LocalRay, joining
from kodosumi.cluster.ports import free_port
from kodosumi.cluster.serve_deployer import ServeDeployer

T = TypeVar("T")

ROOT = Path(__file__).parent.parent
PATIENCE = 240.0

os.environ.update(joining(os.environ))  # Ray reads it when it is imported
CSRF = re.compile(r'name="_csrf" value="([^"]+)"')
JOB = re.compile(r"/jobs/([0-9a-f]{24})")

APPS = {
    "armstrong": "apps.armstrong.app:fast_app",
    "simple": "tests.services.simple:fast_app",
    "handwritten": "tests.services.handwritten:fast_app",
    "allforms": "tests.services.allforms:fast_app",
    "noisy": "tests.services.noisy:fast_app",
    "counting": "tests.services.counting:fast_app",
    "stopping": "tests.services.stopping:fast_app",
}


def wait_until(found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Return what `found` finds, as soon as it finds something."""
    until = time.monotonic() + seconds
    while True:
        try:
            if result := found():
                return result
        except httpx.TransportError:
            pass
        assert time.monotonic() < until, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.1)


def some_port() -> int:
    """Return a free port that another session of tests will hardly choose as well."""
    return free_port(random.randrange(20_000, 30_000))


class LoopThread:
    """An event loop in a thread, so that fixtures work beside tests that have one of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.start(work).result()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class PanelProcess:
    """A panel in a process of its own; may be stopped, killed and started again."""

    def __init__(
        self,
        runner: LoopThread,
        env: dict[str, str],
        data: Path,
        port: int,
        within: Sequence[str] = (),
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.data = data
        self._runner = runner
        self._visitors: list[Visitor] = []
        data.mkdir(parents=True, exist_ok=True)
        command = [*within, sys.executable, "-m", "kodosumi", "serve", "--port", str(port)]
        self._child = Child(command, env, data / "panel.log")

    @property
    def database(self) -> Path:
        return self.data / "kodosumi.db"

    @property
    def pid(self) -> int:
        pid = self._child.pid
        assert pid, "the panel has not been started"
        return pid

    def start(self) -> None:
        self._runner.run(self._child.start())
        wait_until(self._is_up, "the panel's start")

    def _is_up(self) -> bool:
        ended = self._child._process.returncode is not None
        assert not ended, (self.data / "panel.log").read_text()[-2000:]
        return httpx.get(f"{self.url}/health").is_success

    def stop(self, patience: float = 15) -> None:
        for visitor in self._visitors:
            visitor.http.close()
        self._runner.run(self._child.stop(patience))

    def kill(self) -> None:
        self._child.kill()
        self._runner.run(self._child.wait())

    def sign_in(self, name: str = "admin", password: str = "admin") -> "Visitor":
        self._visitors.append(Visitor(self.url, name, password))
        return self._visitors[-1]


class Visitor:
    """A person with a browser that knows no JavaScript."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=60)
        self.name = name
        answer = self.submit("/login", "/login", name=name, password=password)
        assert answer.url.path == "/services", answer.text

    def submit(self, page: str, action: str, **values: Any) -> httpx.Response:
        """Send the form `action` of `page`."""
        found = CSRF.search(self.http.get(page).text)
        assert found, f"{page} has no form"
        return self.http.post(action, data={**values, "_csrf": found[1]})

    def service(self, summary: str) -> str:
        """Return the path of a service, once it is in the catalogue."""
        link = re.compile(rf'href="(/services/[0-9a-f]+)"[^>]*>\s*{re.escape(summary)}\s*<')
        found = wait_until(lambda: link.search(self.http.get("/services").text), f"{summary!r}")
        return str(found[1])

    def launch(self, summary: str, **values: Any) -> str:
        """Launch a service; return the job's id."""
        path = self.service(summary)
        answer = self.submit(path, path, **values)
        found = JOB.search(answer.url.path)
        assert found, f"{answer.status_code} {answer.url}: {answer.text}"
        return found[1]

    def job(self, job: str) -> dict[str, Any]:
        """Return a job as the API tells it."""
        answer = self.http.get(f"/api/v1/jobs/{job}").raise_for_status()
        return dict(answer.json())

    def wait_for(self, job: str, *status: str) -> dict[str, Any]:
        """Return a job when it is in one of these states."""
        return dict(
            wait_until(
                lambda: (told := self.job(job))["status"] in status and told,
                f"job {job} becoming {' or '.join(status)}",
            )
        )

    def events(self, job: str) -> list[dict[str, Any]]:
        """Return all events of a job."""
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["seq"] if found else 0
            url = f"/api/v1/jobs/{job}/events"
            page = self.http.get(url, params={"after": after, "limit": 1000}).json()["items"]
            if not page:
                return found
            found += page


class Live:
    """Ray and Serve of a test session."""

    def __init__(self, runner: LoopThread, folder: Path) -> None:
        self.folder = folder
        ports = {name: some_port() for name in ("port", "dashboard_port", "client_port")}
        self.ray = replace(LocalRay.plan(cpus=16), **ports)
        self.serve_port = some_port()
        self._runner = runner
        env = self.ray.environment(os.environ, imports=ROOT)
        self._child = Child(self.ray.command(), env, folder / "ray.log")

    def start(self) -> None:
        self._runner.run(self._child.start())
        self._runner.run(self._wait_up())

    def stop(self) -> None:
        self._runner.run(self._child.stop(15))
        self.ray.remove()

    def kill(self) -> None:
        """End Ray and all that runs on it by SIGKILL."""
        self._runner.run(self._child.stop(0))

    def pids(self) -> list[int]:
        """Return the processes of Ray, workers included."""
        return self._child.alive()

    def deploy(self, names: Iterable[str] = APPS, *more: dict[str, Any]) -> None:
        """Deploy services of the tests by name, and `more` in Serve's schema."""
        apps = [
            {"name": name, "route_prefix": f"/{name}", "import_path": APPS[name]} for name in names
        ]
        http = {"host": "127.0.0.1", "port": self.serve_port}
        self._runner.run(self._deploy({"http_options": http, "applications": [*apps, *more]}))

    def panel(
        self, folder: str = "data", within: Sequence[str] = (), **settings: str
    ) -> PanelProcess:
        """Return the panel of this Ray; it is not started yet. `within` precedes its command."""
        data = self.folder / folder
        env = self.panel_environment(data, **settings)
        return PanelProcess(self._runner, env, data, some_port(), within)

    def panel_environment(self, data: Path, **settings: str) -> dict[str, str]:
        return {
            **os.environ,
            "KODO_DATA": str(data),
            "KODO_RAY_ADDRESS": self.ray.address,
            "KODO_SERVE_URL": f"http://127.0.0.1:{self.serve_port}",
            **settings,
        }

    async def _wait_up(self) -> None:
        async with httpx.AsyncClient() as http:
            tasks = [
                asyncio.create_task(self.ray.wait_up(http)),
                asyncio.create_task(self._child.wait()),
            ]
            await asyncio.wait(tasks, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            up = tasks[0].done()
            for task in tasks:
                task.cancel()
        assert up, (self.folder / "ray.log").read_text(errors="replace")[-2000:]

    async def _deploy(self, config: dict[str, Any]) -> None:
        async with httpx.AsyncClient() as http:
            await ServeDeployer(self.ray.dashboard_url, http).deploy(config)


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture(scope="session")
def live(loop_thread: LoopThread, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Ray and Serve with the services of the tests."""
    live = Live(loop_thread, tmp_path_factory.mktemp("live"))
    live.start()
    live.deploy()
    yield live
    live.stop()


@pytest.fixture(scope="session")
def panel_process(live: Live) -> Iterator[PanelProcess]:
    panel = live.panel()
    panel.start()
    yield panel
    panel.stop()


@pytest.fixture(scope="session")
def admin(panel_process: PanelProcess) -> Iterator[Visitor]:
    visitor = panel_process.sign_in()
    yield visitor
    visitor.http.close()
