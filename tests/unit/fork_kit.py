"""A job without Ray in a process of its own: `python -m tests.unit.fork_kit CASE FILE`.

Runs the function CASE of this module, and writes what was emitted to FILE as JSON.
"""
# ruff: noqa: T201

import _thread
import faulthandler
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from kodosumi.runtime.capture import Capture, taps
from kodosumi.runtime.link import Postbox, install
from kodosumi.runtime.mailbox import Watched
from kodosumi.runtime.outbox import Outbox
from kodosumi.sdk.tracer import Tracer
from kodosumi.wire.batches import Batch, Receipt
from kodosumi.wire.events import Emitted

JOB = "0" * 24
LARGE = "x" * 1_000_000
PARENT = os.getpid()


class Link:
    """A mailbox and a database that never fail, for the process that made them."""

    def __init__(self) -> None:
        self.events: list[Emitted] = []

    def put(self, batch: Batch, base: int) -> Receipt:
        assert os.getpid() == PARENT
        self.events += batch.events
        return Receipt(batch.last, batch.last)

    def flushed(self, job: str, source: str) -> None:
        """Nobody asks."""

    def watch(
        self, job: str, source: str, stored: int, then: Callable[[Watched | None], None]
    ) -> None:
        """Nobody answers."""


def in_child(work: Callable[[], None]) -> int:
    """Run `work` in a forked child, and return the child's id."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return child


def family(tracer: Tracer) -> None:
    """A child, a grandchild, and all ways to write."""

    def grandchild() -> None:
        tracer.debug_sync("grandchild")

    def child() -> None:
        print("before")
        tracer.debug_sync(LARGE)
        print("between")
        os.waitpid(in_child(grandchild), 0)
        subprocess.run([sys.executable, "-c", "print('process')"], check=True)
        os.write(1, b"direct\n")
        tracer.debug_sync("after")
        print("unfinished", end="")

    print("mine", end="")
    os.waitpid(in_child(child), 0)
    print(" only")


def count(args: tuple[Tracer, int]) -> None:
    """Emit numbers by all ways."""
    tracer, worker = args
    for n in range(500):
        tracer.debug_sync(f"{worker} {n} {'y' * (n * 20)}")
        print(worker, n)


def pool(tracer: Tracer) -> None:
    """A pool of processes, started while threads print."""
    over = threading.Event()

    def chat() -> None:
        while not over.wait(0.0001):
            print("chat")
            tracer.debug_sync("chat")

    threads = [threading.Thread(target=chat) for _ in range(3)]
    for thread in threads:
        thread.start()
    with multiprocessing.get_context("fork").Pool(8) as workers:
        workers.map(count, [(tracer, n) for n in range(8)], chunksize=1)
    over.set()
    for thread in threads:
        thread.join()


def stopped(tracer: Tracer) -> None:
    """A child that is there when the job is asked to stop."""
    reading, writing = os.pipe()

    def child() -> None:
        os.read(reading, 1)
        print(tracer.cancelled)

    print(tracer.cancelled)
    pid = in_child(child)
    tracer._emitter.outbox.cancelled = True  # type: ignore[attr-defined]
    os.write(writing, b"!")
    os.waitpid(pid, 0)


def leaving(tracer: Tracer) -> None:
    """The process ends itself, with words just written."""
    print("printed")
    os.write(1, b"direct\n")
    print("unfinished", end="")
    os._exit(0)


def redirected(tracer: Tracer) -> None:
    """The author sends stdout elsewhere, and a file gets the number of the pipe's end."""
    numbers = open_files()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    while not (free := numbers - open_files()):
        time.sleep(0.01)
    mine = os.dup2(nowhere, free.pop())

    def child() -> None:
        tracer.debug_sync(f"wrote {os.write(mine, b'four')}")

    os.waitpid(in_child(child), 0)


def threadless(tracer: Tracer) -> None:
    """There is no thread for the first child, and one for the second."""
    taps._thread = SimpleNamespace(start_new_thread=refuse)  # type: ignore[attr-defined]
    os.waitpid(in_child(lambda: tracer.debug_sync(LARGE)), 0)
    taps._thread = _thread  # type: ignore[attr-defined]
    os.waitpid(in_child(lambda: tracer.debug_sync("second")), 0)


def refuse(*_args: object) -> None:
    """Do what Python does when there are too many threads."""
    message = "can't start new thread"
    raise RuntimeError(message)


def siblings(tracer: Tracer) -> None:
    """Two children at a time tell how many files they have."""
    reading, writing = os.pipe()

    def child() -> None:
        tracer.debug_sync(f"{len(open_files())} files")
        os.read(reading, 1)

    children = [in_child(child) for _ in range(2)]
    os.write(writing, b"!!")
    for pid in children:
        os.waitpid(pid, 0)


def open_files() -> set[int]:
    """Return the numbers of the files that this process has open."""
    listed = list(Path("/proc/self/fd").iterdir())  # the listing is among them, and gone now
    return {int(path.name) for path in listed if path.is_symlink()}


def crash(tracer: Tracer) -> None:
    """The process is ended by its own fault."""
    faulthandler._sigsegv()  # type: ignore[attr-defined]


def main() -> None:
    faulthandler.enable()  # as Ray does
    case = globals()[sys.argv[1]]
    link = Link()
    outbox = Outbox(JOB, link)
    capture = Capture.install()
    os.waitpid(in_child(lambda: print("early child")), 0)
    print("early")
    install(outbox)
    postbox = Postbox(outbox, "test")
    capture.begin(postbox)
    real_exit = capture._exit
    capture._exit = lambda status: report(link) or real_exit(status)  # type: ignore[func-returns-value]
    case(Tracer(JOB, postbox))
    capture.finish()
    outbox.drained()
    report(link)


def report(link: Link) -> None:
    if os.getpid() == PARENT:
        Path(sys.argv[2]).write_text(json.dumps([(e.kind, e.payload) for e in link.events]))


if __name__ == "__main__":
    main()
