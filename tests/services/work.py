"""What the services of the tests do in their jobs."""

import asyncio
import logging
import os
import sys
import threading
import time
from pathlib import Path

from kodosumi.core import KodosumiError, Tracer, response


def echo(inputs):
    """Return the inputs; sets as lists."""
    return {
        key: sorted(value) if isinstance(value, set) else value for key, value in inputs.items()
    }


def lines(inputs, tracer: Tracer):
    """Print `count` numbered lines, then one each by the other ways; wait for the file `cue`."""
    while (cue := inputs.get("cue")) and not Path(cue).exists():
        time.sleep(0.01)
    for number in range(1, inputs["count"] + 1):
        print(f"line {number}")  # noqa: T201
    print("to stderr", file=sys.stderr)  # noqa: T201
    logging.getLogger("work").warning("to the logger")
    tracer.debug_sync("to the tracer")
    return inputs["count"]


def fail(inputs):
    """Raise what was asked for."""
    if inputs["kind"] == "public":
        raise KodosumiError(inputs["message"])
    raise ValueError(inputs["message"])


async def nap(inputs, tracer: Tracer):
    """Sleep for `seconds` in steps; a cancellation is told before it is obeyed."""
    try:
        for step in range(inputs["seconds"] * 10):
            await tracer.progress(step, inputs["seconds"] * 10)
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        await tracer.debug("cleaning up")
        raise
    return "slept"


def nap_sync(inputs, tracer: Tracer):
    """Sleep for `seconds`, and return early when cancelled."""
    for step in range(inputs["seconds"] * 10):
        if tracer.cancelled:
            tracer.debug_sync("cleaning up")
            return "woken"
        tracer.progress_sync(step, inputs["seconds"] * 10)
        time.sleep(0.1)
    return "slept"


def stubborn(inputs):
    """Sleep for `seconds`, whatever anybody asks."""
    time.sleep(inputs["seconds"])


def haunted(inputs, tracer: Tracer):
    """Leave a thread behind that never ends, and goes on emitting."""

    def haunt():
        while True:
            tracer.debug_sync("still here")
            time.sleep(0.001)

    threading.Thread(target=haunt).start()
    return "left"


def vanishing(inputs):
    """Print a line, and end the process without a word."""
    print("last words")  # noqa: T201
    time.sleep(0.2)
    os._exit(3)


VALUES = {
    "text": "plain <b>text</b>",
    "number": 42,
    "none": None,
    "dict": {"a": [1, 2.5, None], "b": {"c": True}},
    "list": ["x", 1],
    "markdown": response.Markdown("# Title\n\n**bold** <script>alert(1)</script>"),
    "html": response.HTML("<h1>Title</h1><script>alert(1)</script>"),
    "body": response.Text("a\n  b <i>c</i>"),
    "object": object,
}


async def value(inputs, tracer: Tracer):
    """Trace the value of this `kind` as result and action, and return it."""
    chosen = VALUES[inputs["kind"]]
    await tracer.result(chosen)
    await tracer.action(chosen)
    return chosen
