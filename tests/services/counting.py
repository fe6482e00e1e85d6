"""A service whose jobs count: all that they emit carries the emitter's name and its own number."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from fastapi import Request
from ray import serve

from kodosumi.core import Launch, ServeAPI, Tracer, forms
from tests.services.tally import Tally

STOP = "stop"
"""The file in a job's folder that tells all jobs there to come to an end."""

app = ServeAPI()


@dataclass(frozen=True)
class Plan:
    """`folder` takes the tallies. Emitters stop after `limit` events (0: never), after `seconds`
    (0: never), or when somebody puts a file named `stop` there; `pause` is in seconds."""

    folder: str
    seconds: float = 0
    pause: float = 0.02
    limit: int = 0
    tasks: int = 0
    timed: bool = False


@app.enter(
    "/count",
    forms.Model(forms.InputText("plan", "Plan", required=True), forms.Submit("Start")),
    summary="Count",
)
def start(inputs: dict, request: Request):
    """Counts in the runner, and in as many Ray tasks as the plan says."""
    return Launch(request, "tests.services.counting:count", inputs)


def count(inputs: dict, tracer: Tracer) -> int:
    """Count; return how many of the tasks were lost."""
    plan = Plan(**json.loads(inputs["plan"]))
    task: Any = ray.remote(num_cpus=0, max_retries=0)(emit)
    tasks = [task.remote(f"task{number}", plan, tracer) for number in range(plan.tasks)]
    emit("main", plan, tracer)
    return sum(map(_lost, tasks))


def emit(name: str, plan: Plan, tracer: Tracer) -> None:
    """Emit `name#1`, `name#2` … by one way after the other, and keep the tally."""
    folder = Path(plan.folder)
    tally = Tally(folder / f"{tracer.fid}.{name}", os.getpid())
    outbox: Any = tracer._emitter.outbox
    stop, until = folder / STOP, time.monotonic() + (plan.seconds or 1e9)
    number, limit = 0, plan.limit or 10**9
    while number < limit and time.monotonic() < until:
        number += 1
        tally.begin(number)
        WAYS[number % len(WAYS)](tracer, _mark(name, number, plan))
        if number % 10 == 0 and outbox.drained(0):
            tally.know_stored(number)
        if plan.pause:
            time.sleep(plan.pause)
            if stop.exists():
                break
    tally.finish()


def _mark(name: str, number: int, plan: Plan) -> str:
    return f"{name}#{number}@{time.time():.4f}" if plan.timed else f"{name}#{number}"


WAYS = (
    lambda tracer, text: tracer.debug_sync(text),
    lambda tracer, text: tracer.result_sync(text),
    lambda _, text: print(text),  # noqa: T201
)


def _lost(task: Any) -> bool:
    try:
        ray.get(task)
    except ray.exceptions.RayError:
        return True
    return False


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Counting:
    pass


fast_app = Counting.bind()
