"""What forked children of a job emit, in processes that really fork."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from kodosumi.runtime.capture import forks, taps
from tests.unit.fork_kit import LARGE, open_files, refuse


def events(case: str, tmp_path: Path) -> list[tuple[str, str]]:
    """Return kind and value of what a job emits that does `case` of the kit."""
    told = tmp_path / "events.json"
    command = [sys.executable, "-m", "tests.unit.fork_kit", case, str(told)]
    done = subprocess.run(command, check=True, timeout=60, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "")
    found = [(kind, json.loads(payload)) for kind, payload in json.loads(told.read_text())]
    assert sorted(found[:2]) == [("stdout", "early"), ("stdout", "early child")]
    return found[2:]


def test_a_forked_child_speaks_through_its_parent(tmp_path: Path) -> None:
    found = events("family", tmp_path)
    own = [event for event in found if event[1] not in {"process", "direct", "mine only"}]
    assert own == [
        ("stdout", "before"),
        ("debug", LARGE),
        ("stdout", "between"),
        ("debug", "grandchild"),
        ("debug", "after"),
        ("stdout", "unfinished"),
    ]
    assert [line for _, line in found if line in {"process", "direct"}] == ["process", "direct"]
    assert found.count(("stdout", "mine only")) == 1


def test_many_children_at_once_lose_and_mix_nothing(tmp_path: Path) -> None:
    found = events("pool", tmp_path)
    for worker in range(8):
        mine = [event for event in found if event[1].startswith(f"{worker} ")]
        wanted = []
        for n in range(500):
            wanted += [("debug", f"{worker} {n} {'y' * (n * 20)}".rstrip("\n"))]
            wanted += [("stdout", f"{worker} {n}")]
        assert [(kind, line.strip()) for kind, line in mine] == [
            (kind, line.strip()) for kind, line in wanted
        ]
    assert ("stdout", "chat") in found


def test_a_child_sees_that_the_job_is_asked_to_stop(tmp_path: Path) -> None:
    assert events("stopped", tmp_path) == [("stdout", "False"), ("stdout", "True")]


def test_what_is_written_just_before_the_process_ends_itself_is_kept(tmp_path: Path) -> None:
    found = [line for _, line in events("leaving", tmp_path)]
    assert sorted(found) == ["direct", "printed", "unfinished"]


def test_a_child_has_the_files_that_the_author_opened(tmp_path: Path) -> None:
    assert events("redirected", tmp_path) == [("debug", "wrote 4")]


def test_a_fork_without_a_thread_to_read_does_not_stall_the_next(tmp_path: Path) -> None:
    told, second = events("threadless", tmp_path)
    assert (told[0], second) == ("stderr", ("debug", "second"))
    assert "lost: can't start new thread" in told[1]


def test_a_child_keeps_nothing_of_its_older_siblings(tmp_path: Path) -> None:
    elder, younger = events("siblings", tmp_path)
    assert elder == younger


def test_a_pipe_that_cannot_be_made_leaks_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pipes, ours = iter([os.pipe()]), forks._Forks()
    files = open_files()

    def pipe() -> tuple[int, int]:
        for ends in pipes:
            return ends
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    box = SimpleNamespace(in_child=False, job="job", emit=print, make_room=print)
    monkeypatch.setattr(forks, "outboxes", lambda: [box, box])
    monkeypatch.setattr(taps, "_thread", SimpleNamespace(start_new_thread=refuse))
    with monkeypatch.context() as scarce:
        scarce.setattr(os, "pipe", pipe)
        ours.before()
    ours.in_parent()
    assert len(files - open_files()) == 2


def test_the_traceback_of_a_crash_goes_where_it_outlives_the_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.unit.fork_kit", "crash", str(tmp_path / "none")]
    done = subprocess.run(command, timeout=60, capture_output=True, text=True, check=False)
    assert done.returncode < 0
    assert "Segmentation fault" in done.stderr
    assert "in crash" in done.stderr
