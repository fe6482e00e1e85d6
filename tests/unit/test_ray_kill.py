"""What is told of a job that was ended while Ray is too slow to confirm it."""

from typing import Any

import pytest
import ray

from kodosumi.cluster import ray_kill, ray_tables
from kodosumi.runtime.marks import Role
from kodosumi.runtime.stopping import Swept
from kodosumi.wire.events import Ended

RUNNER = Swept({("machine", 7, 1): Role.RUNNER}, 0)
NOTHING = Swept({}, 0)


class SlowRay:
    """A Ray that has the runner, or does not answer, as long as the test goes on."""

    def __init__(self) -> None:
        self.swept = RUNNER
        self.answers = True
        self.asked = 0

    def handle(self, *_: Any) -> object:
        self.asked += 1
        if self.asked > 1 and not self.answers:
            raise ray.exceptions.GetTimeoutError
        return object()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowRay:
    slow = SlowRay()
    monkeypatch.setattr(ray_kill, "GONE", 0)
    monkeypatch.setattr(ray_kill, "_handle", slow.handle)
    monkeypatch.setattr(ray_kill, "_hear_last_words", lambda _: None)
    monkeypatch.setattr(ray_kill, "_sweep", lambda *_: ({"node": slow.swept}, []))
    monkeypatch.setattr(ray_tables, "actors", list)
    monkeypatch.setattr(ray_tables, "workers", list)
    monkeypatch.setattr(ray, "kill", lambda *_, **__: None)
    return slow


@pytest.mark.parametrize("answers", [True, False])
def test_a_runner_whose_process_is_gone_has_ended_though_ray_lags(
    slow: SlowRay, *, answers: bool
) -> None:
    slow.answers = answers
    assert ray_kill.kill("kodosumi", "a", "runner-a") == Ended(
        runner=True, unsure=["Ray has not confirmed it yet"]
    )


def test_a_runner_whose_process_was_not_found_has_not_ended_while_ray_has_it(slow: SlowRay) -> None:
    slow.swept = NOTHING
    with pytest.raises(TimeoutError):
        ray_kill.kill("kodosumi", "a", "runner-a")
