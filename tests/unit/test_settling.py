"""The end of a job waits for what other sources emitted, however long storing takes."""

from collections.abc import Iterator

from kodosumi.runtime import settling
from kodosumi.runtime.mailbox import Left
from kodosumi.runtime.outbox import LinkError


class Waiting:
    """An outbox and its link: answers what it is told to, one after the other."""

    job = "job"
    source = "src"

    def __init__(self, *answers: Left | None) -> None:
        self.answers: Iterator[Left | None] = iter(answers)

    def sent(self) -> None:
        pass

    def settle(self, job: str, source: str, wait: float) -> Left:
        answer = next(self.answers)
        if answer is None:
            raise LinkError
        return answer


def settled(*answers: Left | None) -> int:
    """Return how many answers were not asked for."""
    waiting = Waiting(*answers)
    settling.settle(waiting, waiting)
    return len(list(waiting.answers))


def test_it_goes_on_asking_until_all_is_stored(monkeypatch) -> None:
    monkeypatch.setattr(settling, "SILENT", 0)
    assert settled(Left(0, 5), Left(0, 2), Left(0, 0), Left(0, 0)) == 1
    assert settled(Left(1, 5), Left(1, 0), Left(0, 0)) == 1, "a dead source is given up"


def test_it_gives_silent_sources_some_time() -> None:
    assert settled(Left(1, 0), Left(1, 0), Left(0, 0)) == 0


def test_a_mailbox_that_does_not_answer_is_asked_again(monkeypatch) -> None:
    monkeypatch.setattr(settling, "RETRY", 0)
    assert settled(None, None, Left(1, 0), Left(0, 0)) == 0
