"""The proof of the fault tests finds what is missing, doubled or out of order."""

import json
from pathlib import Path

import httpx
import pytest

from tests.faults import proof
from tests.faults.follower import Follower, Mark, mark_of
from tests.services.tally import Tally, tallies

JOB = "0" * 24


def emitted(*numbers: int) -> list[Mark | None]:
    return [None, *(Mark("main", number, 0) for number in numbers), None]


def keep(folder: Path, *, begun: int, stored: int = 0, done: bool = False) -> None:
    tally = Tally(folder / f"{JOB}.main", 7)
    tally.begin(begun)
    tally.know_stored(stored)
    if done:
        tally.finish()


def test_a_tally_is_read_from_its_file(tmp_path: Path) -> None:
    keep(tmp_path, begun=5, stored=3, done=True)
    assert tallies(tmp_path, JOB) == {"main": (5, 3, 1, 7)}


@pytest.mark.parametrize(
    ("numbers", "done", "good"),
    [
        ((1, 2, 3, 4), True, True),
        ((1, 2, 3), True, False),
        ((1, 2, 3), False, True),
        ((1, 2), False, True),
        ((1,), False, False),
        ((1, 2, 2, 3, 4), False, False),
        ((1, 3, 2, 4), False, False),
        ((1, 2, 4), False, False),
        ((1, 2, 3, 4, 5), False, False),
    ],
)
def test_numbers_must_be_complete(
    tmp_path: Path, numbers: tuple[int, ...], *, done: bool, good: bool
) -> None:
    keep(tmp_path, begun=4, stored=2, done=done)
    if good:
        proof._prove_emitters(JOB, emitted(*numbers), tmp_path)
    else:
        with pytest.raises(AssertionError):
            proof._prove_emitters(JOB, emitted(*numbers), tmp_path)


def test_what_nobody_emitted_is_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        proof._prove_emitters(JOB, emitted(1), tmp_path)


@pytest.mark.parametrize(
    ("statuses", "last", "good"),
    [
        (("running", "finished"), 2, True),
        (("running", "finished"), 3, False),
        (("finished", "running"), 2, False),
        (("running", "finished", "lost"), 3, False),
    ],
)
def test_one_final_state_must_be_the_last_event(
    statuses: tuple[str, ...], last: int, *, good: bool
) -> None:
    events = [
        {"seq": seq, "kind": "status", "payload": {"status": status}}
        for seq, status in enumerate(statuses, 1)
    ]
    told = {"id": JOB, "last_seq": last}
    if good:
        proof._prove_numbers(told, events)
    else:
        with pytest.raises(AssertionError):
            proof._prove_numbers(told, events)


def log_message(first: int, last: int, last_id: int) -> str:
    rows = "".join(f'<div data-seq="{n}">main#{n}</div>' for n in range(first, last + 1))
    data = json.dumps({"from": first, "to": last, "html": rows})
    return f"id: {last_id}\nevent: log\ndata: {data}"


def follower() -> Follower:
    return Follower("http://panel", httpx.Cookies(), JOB)


def test_a_follower_takes_rows_in_order_and_remembers_where_it_is() -> None:
    following = follower()
    following._take(log_message(1, 3, 3))
    following._take("id: 3\nevent: hb\ndata: {}")
    following._take(log_message(4, 5, 5))
    following._take('id: 5\nevent: end\ndata: {"last": 5, "status": "finished"}')
    assert [mark and mark.number for mark in following.marks] == [1, 2, 3, 4, 5]
    assert (following._last_id, following.end["last"]) == ("5", 5)


@pytest.mark.parametrize("first", [1, 3, 5])
def test_a_follower_refuses_rows_that_come_twice_or_too_early(first: int) -> None:
    following = follower()
    following._take(log_message(1, 3, 3))
    with pytest.raises(AssertionError):
        following._take(log_message(first, 6, 6))


def test_a_mark_is_found_in_a_payload_and_in_a_page() -> None:
    assert mark_of(json.dumps({"str": "task1#12@3.5"})) == Mark("task1", 12, 3.5)
    assert mark_of("<span>main#7</span>") == Mark("main", 7, 0)
    assert mark_of("nothing") is None
