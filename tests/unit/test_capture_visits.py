"""A worker that runs tasks of several jobs gives each its own, and is then as it was."""
# ruff: noqa: T201

import json
import logging
import os
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from kodosumi.runtime.capture import visits
from kodosumi.runtime.capture.visits import carried
from kodosumi.wire.events import Kind

HANDLERS: list[logging.StreamHandler] = []


class Box:
    """What a job's postbox is for a visit."""

    cancelled = crowded = False

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.outbox = SimpleNamespace(sent=lambda _wait: True)

    def emit(self, _kind: Kind, payload: str) -> None:
        self.lines.append(json.loads(payload))

    def make_room(self) -> None:
        """Nothing waits."""


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Box]:
    boxes = {"a": Box(), "b": Box()}
    monkeypatch.setattr(visits, "attach", lambda job, _namespace: boxes[job])
    return boxes


def task(name: str) -> str:
    """Write by a handler that the first task has left, and otherwise."""
    if not HANDLERS:
        HANDLERS.append(logging.StreamHandler(sys.stderr))
    print(name)
    HANDLERS[0].emit(logging.makeLogRecord({"msg": f"{name} logs"}))
    os.write(2, f"{name} directly".encode())
    return name


def items(name: str) -> Iterator[str]:
    """Print while somebody goes through it."""
    for n in range(2):
        print(name, n)
        yield f"{name} {n}"


def test_each_task_writes_for_its_own_job(
    boxes: dict[str, Box], capfd: pytest.CaptureFixture[str]
) -> None:
    HANDLERS.clear()
    before = sys.stdout
    for job in "abab":
        assert carried(task, job, "test")(job) == job
        assert sys.stdout is before
    assert carried(task, "a", "test").__doc__ == task.__doc__
    assert list(carried(items, "b", "test")("item")) == ["item 0", "item 1"]
    unread = carried(items, "a", "test")("unread")
    next(unread)
    carried(print, "b", "test")("of b")
    HANDLERS[0].emit(logging.makeLogRecord({"msg": "not of a job"}))
    assert capfd.readouterr().err == "not of a job\n"
    own = ["a", "a logs", "a directly"]
    assert sorted(boxes["a"].lines) == sorted([*own * 2, "unread 0"])
    assert boxes["b"].lines[-2:] == ["item 1", "of b"]


def test_what_fails_in_capturing_does_not_fail_the_task(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def attach(job: str, namespace: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(visits, "attach", attach)
    assert carried(len, "a", "test")("four") == 4
    assert "is not captured" in caplog.text
