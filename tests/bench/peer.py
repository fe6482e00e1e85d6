"""kodosumi 1.1.0: Ray, its panel, its spooler, and the service under load with uvicorn."""

import os
import re
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import httpx

from kodosumi.cli.processes import Child
from kodosumi.cluster.local_ray import LocalRay
from tests.bench import peer_install
from tests.bench.children import LOAD, Children
from tests.bench.following import follow
from tests.bench.peer_stock import FILE, Stock
from tests.bench.product import Launched, LogPage, Order, Seek
from tests.bench.sse import Dialect, Watch, watch
from tests.live import some_port, wait_until

DIALECT = Dialect(
    b"\r\n\r\n",
    re.compile(rb"^event: (?!alive)", re.MULTILINE),
    re.compile(rb"^event: status\r\ndata: [\d.]+:(finished|error)", re.MULTILINE),
)
FID = re.compile(r"/view/([0-9a-f]{24})")
VERSIONS = (
    "import sys; from importlib.metadata import version as v;"
    "print(v('kodosumi'), v('ray'), sys.version.split()[0])"
)


class Peer:
    """The peer, as its documentation starts it, on ports of its own."""

    name = "peer"
    standby = False
    sign_in_page = Seek("/", "password", {"Accept": "text/html"})
    http: httpx.AsyncClient

    def __init__(self) -> None:
        self._python = str(peer_install.python())
        self._children = Children(self.name)
        self.folder = self._children.folder
        ports = {name: some_port() for name in ("port", "dashboard_port", "client_port")}
        self._ray = replace(LocalRay.plan(cpus=16), **ports)
        self._parts: dict[str, Child] = {}
        self.url = f"http://127.0.0.1:{some_port()}"
        self._service = f"127.0.0.1/{some_port()}"

    @property
    def executions(self) -> Path:
        """Where it keeps its jobs: a folder for each user, in it one for each job."""
        return self.folder / "executions"

    def start(self) -> None:
        self._start_ray()
        port = self._service.rpartition("/")[2]
        document = f"http://127.0.0.1:{port}/openapi.json"
        self._start("service", "uvicorn", "bench_service:app", "--port", port)
        wait_until(lambda: httpx.get(document).is_success, "the service's start")
        folders = ["--exec-dir", str(self.executions)]
        self._start(
            "panel",
            "kodosumi.cli",
            "serve",
            "--address",
            self.url,
            "--register",
            document,
            *folders,
        )
        self._start("spooler", "kodosumi.cli", "spool", "--block", *folders)
        wait_until(self._registered, "the service's registration")

    def stop(self, *, keep: bool = False) -> None:
        self._children.close(keep=keep)

    def versions(self) -> dict[str, str]:
        command = [self._python, "-c", VERSIONS]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return dict(zip(("kodosumi", "ray", "python"), told, strict=True))

    async def enter(self) -> None:
        self.http = httpx.AsyncClient(base_url=self.url, cookies=self._sign_in(), timeout=120)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    async def launch(self, order: Order, *, cold: bool = False) -> Launched:
        asked = time.time()
        answer = await self.http.post(f"/inputs/-/{self._service}/-/work", data=order.form())
        answered = time.time()
        found = FID.search(answer.headers.get("location", ""))
        assert found, f"{answer.status_code}: {answer.text[-500:]}"
        return Launched(found[1], asked, answered)

    async def watch(self, job: str, expected: int, stream: str = "") -> Watch:
        path = stream or f"/outputs/main/{job}?extended=true"
        return await watch(f"{self.url}{path}", self.cookie, DIALECT, expected)

    async def end(self, job: str) -> None:
        await self.http.delete(f"/outputs/{job}")

    @asynccontextmanager
    async def stock(self) -> AsyncIterator[Stock]:
        """Make copies of a job that has run for this."""
        followed = await follow(self, Order("burst"), 60)
        job = followed.launched.job
        file = next(self.executions.glob(f"*/{job}/{FILE}"))
        yield Stock(file.parent.parent, job)

    def seeks(self, needle: str) -> dict[str, Seek]:
        since = time.time() + 3600  # nothing has changed since: what pages ask all the time
        return {
            "first page": Seek("/timeline?pp=10&mode=next", "fid"),
            "search": Seek(f"/timeline?pp=10&mode=next&q={needle}", unquote(needle)),
            "changes": Seek(f"/timeline/changes?since={since}", "update"),
        }

    def log_page(self, job: str, lines: int) -> LogPage:
        return LogPage(f"/admin/status/view/{job}", stream=f"/outputs/stdio/{job}")

    def pids(self, part: str) -> list[int]:
        return self._parts[part].alive()

    def _start_ray(self) -> None:
        self._children.at_end(self._ray.remove)
        command = [self._python, *self._ray.command()[1:]]
        env = self._ray.environment(_foreign(), imports=LOAD)
        self._parts["ray"] = self._children.start("ray", command, env)
        with httpx.Client() as http:
            wait_until((self._ray.temp / "ray_current_cluster").exists, "Ray's start")
            wait_until(lambda: http.get(self._ray.dashboard_url).is_success, "Ray's dashboard")

    def _start(self, part: str, module: str, *arguments: str) -> None:
        env = {
            **self._ray.environment(_foreign(), imports=LOAD),
            "RAY_ADDRESS": self._ray.address,
            "KODO_RAY_SERVER": self._ray.address,
            "KODO_RAY_DASHBOARD": self._ray.dashboard_url,
            "KODO_ADMIN_DATABASE": f"sqlite+aiosqlite:///{self.folder}/admin.db",
            "KODO_APP_LOG_FILE": str(self.folder / "app.log"),
            "KODO_SPOOLER_LOG_FILE": str(self.folder / "spool.log"),
            "KODO_UPLOAD_DIR": str(self.folder / "uploads"),
            "KODO_EXEC_DIR": str(self.executions),
        }
        self._parts[part] = self._children.start(
            part, [self._python, "-m", module, *arguments], env
        )

    def _registered(self) -> bool:
        with httpx.Client(base_url=self.url, cookies=self._sign_in(), timeout=10) as http:
            return f"{self._service}/-/work" in http.get("/flow").text

    def _sign_in(self) -> dict[str, str]:
        form = {"name": "admin", "password": "admin"}
        return dict(httpx.post(f"{self.url}/login", data=form).raise_for_status().cookies)


def _foreign() -> dict[str, str]:
    """Return our environment without what is meant for this checkout's kodosumi."""
    ours = ("KODO_", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
