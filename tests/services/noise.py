"""What the jobs of the noisy service write, and from where."""
# ruff: noqa: T201

import ctypes
import faulthandler
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

import ray

from kodosumi.core import Tracer

log = logging.getLogger("noise")
log.addHandler(logging.StreamHandler())  # keeps the stream that it finds


def shout(who: str) -> None:
    """Write by all ways that a process has."""
    print(who, "prints")
    libc = ctypes.CDLL(None)
    libc.printf(f"{who} in C\n".encode())
    libc.fflush(None)
    subprocess.run(["echo", f"{who} by a process"], check=True)
    log.warning("%s logs", who)
    warnings.warn(f"{who} warns", stacklevel=1)
    os.write(1, f"{who} \udcff bytes\n".encode("utf-8", "surrogateescape"))
    for n in range(10_000):
        sys.stdout.write(f"\r{who} {n}")
    print()
    thread = threading.Thread(target=print, args=(who, "in a thread"))
    thread.start()
    thread.join()


def ways(inputs: dict, tracer: Tracer) -> None:
    """Write in the runner, and what takes long to say."""
    shout("runner")
    faulthandler.dump_traceback(all_threads=False)
    print("x" * 10_000_000)
    flood = "for n in range(50_000): print(f'flood {n}')"
    subprocess.run([sys.executable, "-c", flood], check=True)


def fork(inputs: dict, tracer: Tracer) -> None:
    """Write in forked children."""
    child = os.fork()
    if not child:
        print("child prints")
        tracer.debug_sync("child traces")
        os._exit(0)
    os.waitpid(child, 0)
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.starmap(tell, [(tracer, n) for n in range(4)], chunksize=1)


def tell(tracer: Tracer, number: int) -> None:
    """Trace and print a number, 100 times."""
    for n in range(100):
        tracer.debug_sync(f"pool {number} {n}")
        print("pool", number, n)


@ray.remote
def task(who: str) -> str:
    """Write by all ways, and have another task do so."""
    shout(who)
    return ray.get(nested.remote(f"{who}'s"))


@ray.remote(num_cpus=0)
def nested(who: str) -> str:
    """Write by all ways."""
    shout(f"{who} nested")
    return f"{who} was here"


@ray.remote
def halves() -> Iterator[int]:
    """Yield and print."""
    for n in range(3):
        print("generator", n)
        yield n


@ray.remote(num_returns=2, max_retries=0)
def pair(*, first: int, second: int = 5) -> tuple[int, int]:
    """Return two values."""
    print("pair")
    return first, second


@ray.remote
def broken() -> None:
    """Write, and raise."""
    print("before it breaks", end="")
    msg = "odd"
    raise ValueError(msg)


@ray.remote(retry_exceptions=[ValueError], max_retries=2)
def flaky(path: str) -> str:
    """Fail the first time."""
    if not os.path.exists(path):  # noqa: PTH110
        os.close(os.open(path, os.O_CREAT))
        print("fails once")
        raise ValueError(path)
    print("then works")
    return "worked"


@ray.remote
def slow() -> None:
    """Print, and wait to be cancelled."""
    print("slow begins")
    for _ in range(600):
        time.sleep(0.1)


class Base:
    """Something to inherit from."""

    def __init__(self, name: str) -> None:
        self.name = name
        print(name, "is made")

    def greet(self, whom: str = "all") -> str:
        """Greet."""
        print(self.name, "greets", whom)
        return type(self).__name__


@ray.remote
class Sync(Base):
    """An actor whose methods are not async."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        shout("actor")

    @ray.method(num_returns=2)
    def two(self) -> tuple[str, str]:
        """Return two values."""
        return self.greet("two"), self.static()

    @staticmethod
    def static() -> str:
        """Print."""
        print("static")
        return "static"

    @classmethod
    def make(cls) -> str:
        """Print."""
        print("classmethod")
        return cls.__name__

    def count(self) -> Iterator[int]:
        """Yield and print."""
        for n in range(2):
            print("sync counts", n)
            yield n

    def call(self) -> str:
        """Have a task write."""
        return ray.get(nested.remote(self.name))


@ray.remote
class Async(Base):
    """An actor whose methods are async."""

    async def agreet(self) -> str:
        """Greet."""
        return self.greet("async")

    async def count(self) -> AsyncIterator[int]:
        """Yield and print."""
        for n in range(2):
            print("async counts", n)
            yield n


def tasks(inputs: dict, tracer: Tracer) -> dict[str, Any]:
    """Write in tasks, and show that they behave as ever."""
    result: dict[str, Any] = {"task": ray.get(task.remote("task"))}
    result["halves"] = [ray.get(ref) for ref in halves.remote()]
    result["pair"] = ray.get(pair.remote(first=ray.put(3)))
    result["options"] = ray.get(nested.options(name="other", num_cpus=1).remote(who="other"))
    for wrong in (lambda: pair.remote(1), lambda: ray.get(broken.remote())):
        try:
            wrong()
        except (TypeError, ValueError) as exc:
            result[type(exc).__name__] = str(exc)
    result["flaky"] = ray.get(flaky.remote(f"/tmp/{tracer.fid}"))
    offset = 10
    result["made"] = ray.get(ray.remote(lambda n: n + offset).remote(1))
    result["slow"] = cancelled()
    return result


def cancelled() -> str:
    """Cancel a task that runs."""
    ref = slow.remote()
    time.sleep(0.5)
    ray.cancel(ref)
    try:
        return str(ray.get(ref))
    except ray.exceptions.TaskCancelledError:
        return "cancelled"


def actors(inputs: dict, tracer: Tracer) -> dict[str, Any]:
    """Write in actors, and show that they behave as ever."""
    sync = Sync.remote("sync")
    result: dict[str, Any] = {"greet": ray.get(sync.greet.remote())}
    result["two"] = ray.get(list(sync.two.remote()))
    result["make"] = ray.get([sync.make.remote(), sync.static.remote()])
    result["count"] = [ray.get(ref) for ref in sync.count.options(num_returns="streaming").remote()]
    result["call"] = ray.get(sync.call.remote())
    named = Async.options(name=f"a{tracer.fid}", get_if_exists=True, max_concurrency=3).remote("as")
    result["agreet"] = ray.get(named.agreet.remote())
    same = ray.get_actor(f"a{tracer.fid}")
    result["acount"] = [ray.get(ref) for ref in same.count.remote()]
    ray.get(same.greet.remote("at last"))
    ray.kill(same)
    return result


@ray.remote
def mine(who: str, turns: int) -> None:
    """Print whose it is, and have others do so."""
    for n in range(turns):
        print(who, n)
        log.warning("%s %d", who, n)


@ray.remote
def hand_on(who: str, turns: int) -> None:
    """Have another task print whose it is."""
    print(who, "hands on")
    ray.get(mine.remote(who, turns))


def apart(inputs: dict, tracer: Tracer) -> None:
    """Print the job's id from several tasks at once."""
    ray.get([hand_on.remote(tracer.fid, int(inputs["count"])) for _ in range(3)])
