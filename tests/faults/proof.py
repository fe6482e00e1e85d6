"""What must hold of a job's events, whatever broke while it ran."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from kodosumi.wire.states import JobStatus
from tests.faults.follower import Mark, mark_of
from tests.faults.traffic import Traffic
from tests.services.tally import tallies

Event = dict[str, Any]

BY_PANEL = 2
"""Events at most that the panel itself tells of a job that did not end by itself."""


def prove_all(traffic: Traffic) -> int:
    """Prove all jobs of a test, which must have finished; return the number of their events."""
    assert len(traffic.followers) > 1, "no job was launched while something was broken"
    count = sum(prove(traffic, job, "finished") for job in traffic.followers)
    breaks = sum(follower.breaks for follower in traffic.followers.values())
    print(  # noqa: T201 - shown when a test fails, or with -s
        f"{len(traffic.followers)} jobs, {count:,} events, each once; {breaks} broken streams, "
        f"{traffic.refused} refused launches"
    )
    return count


def prove(traffic: Traffic, job: str, *status: str) -> int:
    """Prove that a job's events are complete and unique, stored and streamed; return their number.

    Its stream must have ended.
    """
    told = traffic.visitor.job(job)
    events = traffic.visitor.events(job)
    assert told["status"] in status, (told, events[-3:])
    _prove_numbers(told, events)
    marks = [mark_of(json.dumps(event["payload"])) for event in events]
    follower = traffic.followers[job]
    assert follower.marks == marks, f"job {job}: the stream differs from what is stored"
    assert follower.end["status"] == told["status"]
    _prove_emitters(job, marks, traffic.folder)
    _prove_sources(told, events, traffic.sources(job))
    return len(events)


def _prove_numbers(told: Event, events: list[Event]) -> None:
    assert [event["seq"] for event in events] == list(range(1, told["last_seq"] + 1))
    ends = [e["seq"] for e in events if e["kind"] == "status" and _has_ended(e["payload"])]
    assert ends == [told["last_seq"]], f"job {told['id']}: final states at {ends}"


def _has_ended(payload: Event) -> bool:
    return JobStatus(payload["status"]).ended


def _prove_emitters(job: str, marks: list[Mark | None], folder: Path) -> None:
    """Each emitter's numbers are 1 … n in order: all if it finished, else at least those that it
    knew to be stored."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for mark in filter(None, marks):
        numbers[mark.emitter].append(mark.number)
    kept = tallies(folder, job)
    assert set(numbers) <= set(kept), (job, set(numbers), set(kept))
    for name, tally in kept.items():
        last = len(numbers[name])
        assert numbers[name] == list(range(1, last + 1)), (job, name, _odd(numbers[name]))
        least = tally.begun if tally.done else tally.stored
        assert least <= last <= tally.begun, (job, name, last, tally)


def _odd(numbers: list[int]) -> list[tuple[int, int]]:
    """Return the first pairs of neighbours that do not follow each other."""
    pairs = zip([0, *numbers], numbers, strict=False)
    return [(a, b) for a, b in pairs if b != a + 1][:5]


def _prove_sources(told: Event, events: list[Event], marks: dict[str, int]) -> None:
    """What the sources have counted is what is stored, but for what the panel itself told."""
    by_panel = len(events) - sum(marks.values())
    most = 0 if told["status"] == "finished" else BY_PANEL
    assert 0 <= by_panel <= most, (told["id"], marks, len(events))
