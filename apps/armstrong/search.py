"""The job: a search in pieces, spread over Ray tasks."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import ray

from kodosumi.core import Tracer, response

PIECES = 20
_DIGITS = "0123456789"


def armstrong_numbers(first: int, last: int) -> list[int]:
    """Return the Armstrong numbers from `first` to `last`, both included."""
    found = []
    powers: dict[str, int] = {}
    length = 0
    for number in range(first, last + 1):
        digits = str(number)
        if len(digits) != length:
            length = len(digits)
            powers = {digit: int(digit) ** length for digit in _DIGITS}
        if sum(powers[digit] for digit in digits) == number:
            found.append(number)
    return found


def pieces(first: int, last: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield at most `count` ranges of about the same size that make up `first` to `last`."""
    size = -(-(last - first + 1) // count)
    for start in range(first, last + 1, size):
        yield start, min(start + size - 1, last)


@ray.remote(num_cpus=0.25)
def search(first: int, last: int, tracer: Tracer) -> list[int]:
    """Search one piece in a Ray task; its log is the job's log."""
    tracer.debug_sync(f"process {os.getpid()} searches {first:,} to {last:,}")
    return armstrong_numbers(first, last)


async def run(inputs: dict[str, Any], tracer: Tracer) -> response.Markdown:
    """Search all pieces, as many at a time as was asked for, and tell what each has found."""
    first = 1 if inputs["trivial"] else 10
    parts = list(pieces(first, inputs["limit"], max(PIECES, inputs["tasks"])))
    await tracer.debug(f"{len(parts)} pieces, {inputs['tasks']} at a time")
    await tracer.progress(0, len(parts), "searching")
    gate = asyncio.Semaphore(inputs["tasks"])
    searches = [asyncio.create_task(_searched(part, gate, tracer)) for part in parts]
    found: list[int] = []
    try:
        for done, ended in enumerate(asyncio.as_completed(searches), 1):
            part, numbers = await ended
            found += numbers
            await tracer.result(_told(part, numbers))
            await tracer.progress(done, len(parts), f"{len(found)} found")
    finally:
        for each in searches:
            each.cancel()
    return _table(sorted(found), inputs["limit"])


async def _searched(
    part: tuple[int, int], gate: asyncio.Semaphore, tracer: Tracer
) -> tuple[tuple[int, int], list[int]]:
    async with gate:
        task = search.remote(*part, tracer)
        try:
            return part, await task
        except asyncio.CancelledError:
            ray.cancel(task)
            raise


def _told(part: tuple[int, int], numbers: list[int]) -> str:
    first, last = part
    return f"{first:,} to {last:,}: {', '.join(map(str, numbers)) or 'none'}"


def _table(numbers: list[int], limit: int) -> response.Markdown:
    rows = [f"| {number:,} | {_sum(number)} |" for number in numbers]
    title = f"### {len(numbers)} Armstrong numbers up to {limit:,}"
    return response.Markdown("\n".join([title, "", "| number | sum |", "| --: | :-- |", *rows]))


def _sum(number: int) -> str:
    """Return the sum that makes `number` an Armstrong number, as text."""
    digits = str(number)
    return " + ".join(f"{digit}^{len(digits)}" for digit in digits)
