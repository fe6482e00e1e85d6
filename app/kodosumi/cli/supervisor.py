"""Runs parts together until a signal comes or one of them fails, and stops what it has started."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol

import click

from kodosumi.cli.signals import StopSignals


class Part(Protocol):
    """Something that runs beside other things."""

    async def run(self) -> None:
        """Run; raises Trouble when it cannot go on."""
        ...

    async def stop(self) -> None:
        """Stop what was started, and return when it is gone."""
        ...

    def kill(self) -> None:
        """End what was started by force, now."""
        ...


async def supervise(parts: Sequence[Part]) -> None:
    """Run `parts` until SIGINT, SIGTERM or SIGHUP; stop them from the last to the first.

    A second signal ends them by force.

    Raises:
        Trouble: a part could not start, or could not go on.
    """
    signals = StopSignals(lambda: _kill(parts))
    signals.listen()
    try:
        await _first([*(part.run() for part in parts), signals.asked.wait()])
    finally:
        say("Stopping; once more Ctrl-C ends it by force.")
        for part in reversed(parts):
            await part.stop()
        signals.ignore()
        say("All is stopped that was started here.")


def say(text: str) -> None:
    """Tell people; a terminal that is gone is no reason to fail."""
    try:
        click.echo(text)
    except OSError:
        return


async def _first(work: Sequence[Coroutine[Any, Any, object]]) -> None:
    """Return, or raise, as soon as one of `work` does; the others are cancelled."""
    tasks = [asyncio.ensure_future(each) for each in work]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()


def _kill(parts: Sequence[Part]) -> None:
    for part in parts:
        part.kill()
