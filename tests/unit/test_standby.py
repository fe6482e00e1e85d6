"""The pool of waiting runners: what it orders, gives away and lets go, by a clock of its own."""

import sys
from pathlib import Path

import pytest

from kodosumi.runtime.entry import describe, module_of
from kodosumi.runtime.pool import ANSWER, MODULES, Pool
from kodosumi.runtime.preload import Preloaded
from kodosumi.runtime.runner import Order

IDLE = 100.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Fake:
    """A runner that waits, in the state that a test says."""

    def __init__(self, name: str, module: str, clock: Clock) -> None:
        self.name = name
        self.module = module
        self.prepared = self.dead = self.stale = self.released = False
        self.well = True
        self.beats = 0
        self._clock = clock

    def answers(self, wait: float) -> bool:
        if not self.well:
            self._clock.now += wait
        return self.well

    def beat(self) -> None:
        self.beats += 1

    def run(self, order: Order) -> None: ...

    def release(self) -> None:
        self.released = True


class Yard:
    """A pool, and all that it has ever ordered."""

    def __init__(self, size: int = 1) -> None:
        self.clock = Clock()
        self.ordered: list[Fake] = []
        self.pool = Pool(self._make, size, IDLE, self.clock)

    def _make(self, module: str) -> Fake:
        self.ordered.append(Fake(f"standby-{len(self.ordered)}", module, self.clock))
        return self.ordered[-1]

    @property
    def there(self) -> list[str]:
        return [fake.module for fake in self.ordered if not fake.released]

    def launch(self, module: str) -> Fake | None:
        found = self.pool.take(module)
        self.pool.expect(module)
        self.pool.tend()
        assert found is None or isinstance(found, Fake)
        return found

    def prepare(self) -> None:
        for fake in self.ordered:
            fake.prepared = True


def test_a_launch_takes_one_and_orders_the_next():
    yard = Yard()
    assert yard.launch("work") is None
    assert yard.launch("work") is None  # it is not prepared yet
    yard.prepare()
    assert yard.launch("work") is yard.ordered[0]
    assert yard.there == ["work", "work"]  # the taken one, and the next


def test_one_that_has_imported_something_else_is_none():
    yard = Yard()
    yard.launch("one")
    yard.prepare()
    assert yard.launch("two") is None
    yard.prepare()
    assert yard.launch("one") is yard.ordered[0]
    assert yard.launch("two") is yard.ordered[1]


def test_one_without_a_module_is_good_for_any_but_not_the_best():
    yard = Yard()
    yard.launch("work")
    yard.pool.expect("")
    yard.pool.tend()
    yard.prepare()
    assert yard.pool.take("work") is yard.ordered[0]
    assert yard.pool.take("work") is yard.ordered[1]
    yard.launch("work")
    assert yard.there.count("") == 1  # it was taken, and no other is ordered


def test_one_that_is_not_needed_any_more_is_let_go():
    yard = Yard()
    yard.pool.expect("")
    yard.pool.tend()
    yard.launch("work")
    assert yard.there == ["work"]
    for n in range(MODULES):
        yard.launch(f"other{n}")
    assert len(yard.there) == MODULES
    assert "work" not in yard.there


def test_after_a_while_without_launches_none_is_kept():
    yard = Yard(2)
    yard.launch("work")
    assert yard.there == ["work", "work"]
    yard.clock.now += IDLE + 1
    yard.pool.tend()
    assert yard.there == []
    assert yard.launch("work") is None
    assert yard.there == ["work", "work"]


@pytest.mark.parametrize("size", [1, 3])
def test_those_that_do_not_answer_delay_a_launch_once(size: int):
    yard = Yard(size)
    yard.launch("work")
    yard.prepare()
    for fake in yard.ordered:
        fake.well = False
    before = yard.clock.now
    assert yard.launch("work") is None
    assert yard.clock.now - before <= ANSWER
    assert yard.ordered[0].released


def test_what_cannot_be_imported_is_not_ordered_again_before_the_next_launch():
    yard = Yard()
    yard.launch("broken")
    yard.ordered[0].dead = True
    for _ in range(3):
        yard.pool.tend()
    assert len(yard.ordered) == 1
    assert yard.launch("broken") is None
    assert len(yard.ordered) == 2


def test_one_with_old_code_is_replaced():
    yard = Yard()
    yard.launch("work")
    yard.prepare()
    yard.ordered[0].stale = True
    yard.pool.tend()
    assert yard.ordered[0].released
    assert yard.there == ["work"]


def test_without_standby_none_is_ordered():
    yard = Yard(0)
    yard.pool.expect("")
    yard.pool.tend()
    assert yard.launch("work") is None
    assert yard.ordered == []


def test_a_pool_that_ends_lets_all_go():
    yard = Yard(2)
    yard.launch("work")
    yard.pool.forget()
    yard.pool.tend()
    assert yard.there == []


def test_changed_files_of_the_author_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "preloaded_helper.py").write_text("VALUE = 1\n")
    (tmp_path / "preloaded_work.py").write_text("import preloaded_helper\n")
    preloaded = Preloaded("preloaded_work")
    assert preloaded.current
    (tmp_path / "preloaded_helper.py").write_text("VALUE = 22\n")
    assert not preloaded.current
    for name in ("preloaded_work", "preloaded_helper"):
        del sys.modules[name]


def test_what_is_imported_for_an_entry_point():
    def inner() -> None: ...

    assert module_of("apps.work:run") == module_of("apps.work.run") == "apps.work"
    assert module_of(describe) == "kodosumi.runtime.entry"
    assert module_of(inner) == module_of(lambda: None) == module_of(object()) == ""
