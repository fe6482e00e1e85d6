"""Stand-ins for remote functions and actor classes: made of Ray's own, without a Ray."""

import gc
import inspect
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray import cloudpickle
from ray.actor import ActorClass
from ray.remote_function import RemoteFunction

from kodosumi.runtime.capture import following
from kodosumi.runtime.capture.following import Following, follow
from kodosumi.runtime.capture.visits import carried
from kodosumi.runtime.mailbox import Mailbox


class Box:
    """As much of a postbox as following needs."""

    def __init__(self) -> None:
        self.outbox = SimpleNamespace(job="j" * 24)
        self.namespace = "test"
        self.shared = False
        self.told: list[str] = []

    def emit(self, _kind: str, payload: str) -> None:
        self.told.append(payload)


@ray.remote(num_returns=2, max_calls=7)
def task(one: int, *, two: int = 2) -> tuple[int, int]:
    """Return both."""
    return one, two


@ray.remote
class Actor:
    """Has methods of all natures."""

    def __init__(self, name: str) -> None:
        self.name = name

    def plain(self) -> str:
        return self.name

    async def coroutine(self) -> str:
        return self.name

    def generator(self) -> Iterator[int]:
        yield 1

    async def async_generator(self) -> AsyncIterator[int]:
        yield 1

    @staticmethod
    def static() -> int:
        return 3

    @classmethod
    def make(cls) -> str:
        return cls.__name__


def stand_in(remote: Any, box: Box) -> Any:
    return Following(box).stand_in(remote)  # type: ignore[arg-type]


def test_a_stand_in_differs_in_its_code_and_id_only() -> None:
    box = Box()
    copied = stand_in(task, box)
    changed = {key for key, value in vars(copied).items() if value is not vars(task)[key]}
    assert changed == {"_function", "_inject_lock", "_uuid", "remote"}
    assert inspect.signature(copied._function) == inspect.signature(task._function)
    assert copied._function(1) == (1, 2)
    assert box.shared
    actor = stand_in(Actor, box).__ray_metadata__
    known = vars(Actor.__ray_metadata__)
    changed = {key for key, value in vars(actor).items() if value is not known[key]}
    assert changed == {"modified_class", "actor_creation_function_descriptor"}
    assert actor.actor_creation_function_descriptor.repr.endswith("Actor.__init__")


def test_each_job_has_stand_ins_of_its_own_and_keeps_them() -> None:
    one = Following(Box())  # type: ignore[arg-type]
    made = one.stand_in(task)
    assert one.stand_in(task) is made
    assert one.stand_in(made) is made
    assert stand_in(task, Box())._uuid != made._uuid
    dropped = ray.remote(lambda: None)
    one.stand_in(dropped)
    assert len(one._known) == 2
    del dropped
    gc.collect()
    assert len(one._known) == 1


def test_what_is_kodosumis_own_is_not_followed() -> None:
    box = Box()
    mailbox = ray.remote(Mailbox)
    assert stand_in(mailbox, box) is mailbox
    assert not box.shared


def test_an_unknown_ray_runs_tasks_as_they_are_and_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = Box()
    monkeypatch.setattr(following, "_TASK", {"_function", "_some_other_name"})
    unknown = Following(box)  # type: ignore[arg-type]
    for _ in range(2):
        assert unknown.stand_in(task) is task
    assert len(box.told) == 1
    assert "_some_other_name" in box.told[0]


def test_ray_has_back_what_is_its_own_when_the_job_is_over() -> None:
    before = RemoteFunction._remote, ActorClass._remote
    follow(Box())  # type: ignore[arg-type]
    assert RemoteFunction._remote is not before[0]
    follow(None)
    assert (RemoteFunction._remote, ActorClass._remote) == before


def test_a_parcel_is_what_is_in_it_where_there_is_no_kodosumi(tmp_path: Path) -> None:
    path = tmp_path / "parcel"
    offset = 10
    plain = ray.remote(lambda n: n + offset)
    path.write_bytes(cloudpickle.dumps(stand_in(plain, Box())._function))  # type: ignore[no-untyped-call]
    code = (
        "import pathlib, sys; sys.modules['kodosumi'] = None; from ray import cloudpickle; "
        "print(cloudpickle.loads(pathlib.Path(sys.argv[1]).read_bytes())(1))"
    )
    command = [sys.executable, "-c", code, str(path)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "11\n"


def test_an_actors_methods_keep_their_nature() -> None:
    cls = Actor.__ray_metadata__.modified_class
    made = carried(cls, "j" * 24, "test")
    assert (made.__name__, made.__qualname__) == (cls.__name__, cls.__qualname__)
    assert issubclass(made, cls)
    for name, nature in {
        "coroutine": inspect.iscoroutinefunction,
        "generator": inspect.isgeneratorfunction,
        "async_generator": inspect.isasyncgenfunction,
    }.items():
        assert nature(getattr(made, name))
    assert (made.static(), made.make()) == (3, cls.__name__)
    assert inspect.signature(made.__init__) == inspect.signature(cls.__init__)
