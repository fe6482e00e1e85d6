"""Pages and tails: never more than the limit, never a gap, and nothing that nobody watches."""

import pytest

from kodosumi.domain.jobs import tails as module
from kodosumi.domain.jobs.pages import Limit, Stored
from kodosumi.domain.jobs.tails import Tails

WIDE = Limit(rows=1000, size=1_000_000)


def rows(first: int, last: int, job: str = "a", payload: str = '"x"') -> list[dict]:
    return [
        {"job_id": job, "seq": seq, "at": 1.0, "kind": "stdout", "payload": payload}
        for seq in range(first, last + 1)
    ]


def seqs(events: list[Stored]) -> list[int]:
    return [event.seq for event in events]


@pytest.mark.parametrize(
    ("sizes", "fitting"),
    [([], 0), ([4, 4, 4], 2), ([11], 1), ([11, 1], 1), ([1] * 9, 3), ([0, 10, 0, 0], 3)],
)
def test_a_page_holds_one_row_at_least_and_no_more_than_its_limit(
    sizes: list[int], fitting: int
) -> None:
    assert Limit(rows=3, size=10).fitting(sizes) == fitting


def test_what_is_watched_is_kept_from_then_on() -> None:
    tails = Tails()
    tails.add(rows(1, 3))
    with tails.watched("a"):
        assert tails.after("a", 0, WIDE) == []
        tails.add([*rows(4, 5), *rows(1, 9, "b"), *rows(6, 6)])
        tails.add(rows(7, 9))
        assert seqs(tails.after("a", 3, WIDE)) == [*range(4, 10)]
        assert seqs(tails.after("a", 4, Limit(rows=2, size=99))) == [5, 6]
        assert seqs(tails.after("a", 6, Limit(rows=9, size=7))) == [7, 8]
        assert tails.after("a", 2, WIDE) == []  # 3 is in the database only
        assert tails.after("a", 9, WIDE) == []
        assert tails.after("b", 0, WIDE) == []
        with tails.watched("a"):
            pass
        assert tails.after("a", 3, WIDE)
    assert tails.after("a", 3, WIDE) == []


def test_what_another_process_committed_between_is_not_skipped() -> None:
    tails = Tails()
    with tails.watched("a"):
        tails.add(rows(1, 3))
        tails.add(rows(7, 9))
        assert tails.after("a", 3, WIDE) == []
        assert seqs(tails.after("a", 6, WIDE)) == [7, 8, 9]
        tails.add(rows(4, 6))  # told late: it is in the database, too
        assert seqs(tails.after("a", 3, WIDE)) == [4, 5, 6]
        assert tails.after("a", 6, WIDE) == []


def test_the_oldest_of_all_jobs_goes_when_there_is_no_more_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ROOM", 5_000)
    tails = Tails()
    with tails.watched("a"), tails.watched("b"):
        for n in range(1, 5):
            tails.add(rows(n, n, payload="x" * 1_000))
            tails.add(rows(n, n, "b", payload="x" * 1_000))
        assert tails.after("a", 1, WIDE) == []
        assert seqs(tails.after("a", 2, WIDE)) == [3, 4]
        assert seqs(tails.after("b", 2, WIDE)) == [3, 4]
        tails.add(rows(5, 5, payload="x" * 9_000))
        assert tails.after("b", 3, WIDE) == []
        assert tails.after("a", 4, WIDE) == []
