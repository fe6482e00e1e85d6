"""`koco start`: all of it comes up with one command, and all of it goes, and nothing else."""

import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kodosumi.cluster.ports import free_port
from tests.live import Live, wait_until

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(400)]

CONFIG = """
applications:
  - {name: tiny, route_prefix: /tiny, import_path: "tiny:app"}
"""

SERVICE = """
import os
import subprocess

from fastapi import FastAPI
from ray import serve

api = FastAPI()
subprocess.Popen(["sleep", "600"], start_new_session=True)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(api)
class Tiny:
    @api.get("/")
    def told(self) -> dict:
        return {"from_file": os.environ.get("FROM_FILE"), "secret": "KODO_DATABASE" in os.environ}


app = Tiny.bind()
"""


class Started:
    """A `koco start` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port(13470)}"
        self.output = folder / "output"
        self._mark = secrets.token_hex(8)
        (folder / "apps").mkdir()
        (folder / "apps" / "config.yaml").write_text(CONFIG)
        (folder / "tiny.py").write_text(SERVICE)
        (folder / ".env").write_text("FROM_FILE=yes\n")
        port = self.url.rpartition(":")[2]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kodosumi", "start", "--examples", "--port", port],
                cwd=folder,
                env={**os.environ, "OF_THIS_TEST": self._mark},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, *texts: str) -> None:
        def found() -> bool:
            assert self.process.poll() is None, self.said()
            return all(text in self.said() for text in texts)

        wait_until(found, f"{texts} in what koco says", 240)

    def members(self) -> list[int]:
        """Return the ids of all processes that descend from it, wherever they are."""
        wanted = f"OF_THIS_TEST={self._mark}".encode()
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and wanted in environment(entry)
        ]

    def is_well(self) -> bool:
        """Tell whether the panel has found all that it needs."""
        health = httpx.get(f"{self.url}/health").json()
        return {health[part] for part in ("ray", "spooler", "catalogue")} == {"up"}

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def clean_up(self) -> None:
        for pid in self.members():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()


def environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    started = Started(tmp_path)
    yield started
    started.clean_up()


def test_all_comes_up_and_all_goes_at_a_signal(started: Started, live: Live) -> None:
    started.wait_for("The panel is up", "password admin", "tiny is ready")
    wait_until(started.is_well, "Ray, spooler and catalogue coming up")
    dashboard = re.search(r"dashboard: (\S+)", started.said())
    assert dashboard
    assert dashboard[1] != live.ray.dashboard_url
    apps = httpx.get(f"{dashboard[1]}/api/serve/applications/").json()
    service = f"http://127.0.0.1:{apps['http_options']['port']}/tiny/"
    assert httpx.get(service).json() == {"from_file": "yes", "secret": False}

    with httpx.stream("GET", f"{started.url}/login"):
        assert started.end(signal.SIGINT) == 0, started.said()
    assert started.members() == []
    routes = httpx.get(f"http://127.0.0.1:{live.serve_port}/-/routes", timeout=30)
    assert routes.is_success


def test_a_start_that_is_killed_takes_its_children_along(started: Started) -> None:
    started.wait_for("The panel is up", "Ray is up")
    started.process.kill()
    wait_until(lambda: len(started.members()) <= 1, "the end of the children", 60)


def test_a_start_can_be_stopped_at_any_time_and_in_haste(started: Started) -> None:
    started.wait_for("Starting Ray")
    time.sleep(1)
    started.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    assert started.end(signal.SIGTERM) == 0, started.said()
    assert "All is stopped" in started.said()
    assert started.members() == []
