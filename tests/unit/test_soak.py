"""The soak's judgement: it finds what creeps, and not what wavers."""

from random import Random

import pytest

from tests.soak.verdict import growths, table

MB = 1_000_000


def samples(name: str, start: float, per_hour: float, waver: float) -> list[dict[str, float]]:
    dice = Random(7)
    times = range(0, 1800, 15)
    return [
        {"at": at, name: start + per_hour * at / 3600 + dice.uniform(-waver, waver)} for at in times
    ]


@pytest.mark.parametrize(
    ("name", "start", "per_hour", "waver", "grown"),
    [
        ("panel.pss", 180 * MB, 0, 9 * MB, False),
        ("panel.pss", 180 * MB, 100 * MB, 9 * MB, True),
        ("mailbox.files", 60, 0, 4, False),
        ("mailbox.files", 60, 40, 4, True),
        ("ray.workers", 12, 0, 5, False),
        ("ray.workers", 12, 30, 5, True),
        ("database.bytes", MB, 500 * MB, 0, False),
    ],
)
def test_growth_is_told_from_noise(
    name: str, start: float, per_hour: float, waver: float, *, grown: bool
) -> None:
    (found,) = growths(samples(name, start, per_hour, waver))
    assert found.grown is grown
    assert found.slope == pytest.approx(per_hour, abs=2 * waver + 1)
    assert ("GROWS" in table([found])) is grown


def test_a_few_samples_say_nothing() -> None:
    assert growths(samples("panel.pss", MB, 0, 0)[:5]) == []
