"""Row 9 in detail, on either database, by a real panel without Ray.

    python -m tests.bench.lists [--database URL] [--sizes 100 1000]

`--database` is an empty PostgreSQL; SQLite without.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import quantiles

import httpx

from tests.bench.fill import fill
from tests.bench.report import say
from tests.live import Visitor, some_port, wait_until

SIZES = (100, 1_000, 10_000, 100_000)
REPEATS = 40

Ask = Callable[[], httpx.Response]


def main() -> None:
    """Fill, measure, and print a line for each size and question."""
    wanted = _options()
    with tempfile.TemporaryDirectory(prefix="koco-lists-") as folder:
        url = wanted.database or f"sqlite+aiosqlite:///{folder}/kodosumi.db"
        env = {
            **os.environ,
            "KODO_DATA": folder,
            "KODO_DATABASE": url,
            "KODO_RAY_ADDRESS": f"127.0.0.1:{some_port()}",
            "KODO_SERVE_URL": f"http://127.0.0.1:{some_port()}",
            "KODO_LOG_LEVEL": "error",
        }
        with _panel(env) as visitor:
            filled = 0
            for size in wanted.sizes:
                asyncio.run(fill(url, filled, size))
                filled = size
                _measure(visitor, size)


def _measure(visitor: Visitor, size: int) -> None:
    questions = {
        "first page": "/jobs",
        "search, the oldest": "/jobs?q=%C3%A4rmel+OF",
        "search, nothing": "/jobs?q=nowhere",
        "search, two letters": "/jobs?q=or",
        "search, everywhere": "/jobs?q=a",
        "by id": f"/jobs?q={0:024x}",
        "mine, killed": "/jobs?mine=on&status=killed",
        "last page": "/jobs?before=1700000001.5_0",
        "sign-in page beside searches": "/login",
    }
    for name, path in questions.items():
        if name.endswith("searches"):
            times = asyncio.run(_beside(visitor, path, "/jobs?q=nowhere"))
        else:
            times = [_timed(lambda path=path: visitor.http.get(path)) for _ in range(REPEATS)]
        cuts = quantiles(times, n=20)
        load = os.getloadavg()[0]
        figures = f"p50 {cuts[9]:7.1f}  p95 {cuts[18]:7.1f} ms"
        say(f"{size:>7,} {name:<30} {figures}  load {load:.1f}")


def _timed(ask: Ask) -> float:
    start = time.perf_counter()
    answer = ask()
    assert answer.is_success, answer.text[-500:]
    return (time.perf_counter() - start) * 1000


async def _beside(visitor: Visitor, path: str, work: str) -> list[float]:
    """Time requests for `path` while four others ask for `work` all the time."""
    url, cookies = visitor.http.base_url, dict(visitor.http.cookies)
    async with httpx.AsyncClient(base_url=url, cookies=cookies, timeout=60) as http:

        async def ask_on() -> None:
            while True:
                (await http.get(work)).raise_for_status()

        tasks = [asyncio.create_task(ask_on()) for _ in range(4)]
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            await http.get(path)
            times.append((time.perf_counter() - start) * 1000)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return times


@contextmanager
def _panel(env: dict[str, str]) -> Iterator[Visitor]:
    port = some_port()
    command = [sys.executable, "-m", "kodosumi", "serve", "--no-spooler", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as panel:
        try:
            wait_until(lambda: httpx.get(f"{url}/health").is_success, "the panel's start", 60)
            visitor = Visitor(url, "admin", "admin")
            yield visitor
            visitor.http.close()
        finally:
            panel.terminate()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lists", description=__doc__)
    parser.add_argument("--database", default="")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    return parser.parse_args()


if __name__ == "__main__":
    main()
