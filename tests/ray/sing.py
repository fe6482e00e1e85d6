"""Runs the hymn crew without Ray, in an environment that has CrewAI.

Prints a JSON object per line: first the events, then what came out and which hosts were asked for.
"""

import asyncio
import json
import sys

from kodosumi.runtime.crew import run_crew
from kodosumi.runtime.entry import resolve
from kodosumi.sdk.tracer import Tracer
from kodosumi.wire.codec import pack
from kodosumi.wire.events import Kind

INPUTS = {"topic": "the first snow", "language": "German", "stanzas": 2}
hosts: set[str] = set()


def say(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")


class Printer:
    cancelled = crowded = False

    def emit(self, kind: Kind, payload: str) -> None:
        say({"kind": kind, "payload": json.loads(payload)})

    def make_room(self) -> None:
        """Nothing waits here."""


def watch(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        hosts.add(str(args[0]))


async def main() -> None:
    crew = resolve("apps.hymn.crew:crew")
    try:
        outcome = pack(await run_crew(crew, INPUTS, Tracer("job", Printer())))
    except Exception as exc:  # noqa: BLE001 - told to the test
        outcome = json.dumps({type(exc).__name__: str(exc)})
    say({"outcome": json.loads(outcome), "hosts": sorted(hosts)})


sys.addaudithook(watch)
asyncio.run(main())
