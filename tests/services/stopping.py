"""A service whose jobs start all that a job can start, and do not heed. Deployed by Ray tests."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import ray
from fastapi import Request
from ray import serve

from kodosumi.core import Launch, ServeAPI, Tracer, forms

app = ServeAPI()
WORK = "tests.services.stopping"
HOLD = "import ctypes; ctypes.PyDLL(None).sleep(600)"


@ray.remote(num_cpus=0.1)
def leaf(tracer: Tracer):
    """Start a process that leaves the worker's session, and stay."""
    child = subprocess.Popen(["setsid", "sleep", "600"])
    tracer.result_sync({"task": os.getpid(), "child": child.pid})
    time.sleep(600)


@ray.remote(num_cpus=0.1)
def branch(tracer: Tracer):
    """Start a task and an actor, and wait for them."""
    actor = Actor.options(num_cpus=0.1).remote(tracer)
    tracer.result_sync({"task": os.getpid()})
    ray.get([leaf.remote(tracer), actor.stay.remote()])


@ray.remote(num_cpus=0.1)
class Actor:
    """Stays."""

    def __init__(self, tracer: Tracer, key: str = "actor"):
        child = subprocess.Popen(["sleep", "600"])
        tracer.result_sync({key: os.getpid(), f"{key} child": child.pid})

    def stay(self):
        """Never return."""
        time.sleep(600)


def daemon(tracer: Tracer) -> None:
    """Leave a grandchild behind that has no parent and no session of ours."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            tracer.result_sync({"child": os.getpid()})
            time.sleep(600)
        os._exit(0)
    os.wait()


def family(inputs, tracer: Tracer):
    """Start all that a job can start, and stay."""
    detached = Actor.options(lifetime="detached", name=f"kept-{tracer.fid}").remote(
        tracer, "detached"
    )
    actor = Actor.remote(tracer)
    tasks = [leaf.remote(tracer), branch.remote(tracer)]
    bare = {"PATH": os.environ["PATH"]}
    child = subprocess.Popen(["setsid", "sleep", "600"], env=bare)
    tracer.result_sync({"child": child.pid})
    daemon(tracer)
    ray.get([*tasks, actor.stay.remote(), detached.stay.remote()])


def stuck(inputs, tracer: Tracer):
    """Hold Python's lock in C code."""
    child = subprocess.Popen(["sleep", "600"])
    tracer.result_sync({"child": child.pid})
    time.sleep(0.5)  # what it tells must be sent before
    exec(HOLD)


def stopped(inputs, tracer: Tracer):
    """Stop this process."""
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGSTOP)


async def awaiting(inputs, tracer: Tracer):
    """Await a Ray task that watches for the call to stop."""
    task = patient.remote(tracer)
    try:
        await task
    except asyncio.CancelledError:
        await tracer.debug("the coroutine was told")
        await task  # else the job would be over before the task has told of it
        raise


@ray.remote(num_cpus=0.1)
def patient(tracer: Tracer):
    """Tell when somebody has asked the job to stop."""
    tracer.result_sync({"task": os.getpid()})
    while not tracer.cancelled:
        time.sleep(0.05)
    tracer.debug_sync("the task was told")


async def threaded(inputs, tracer: Tracer):
    """Wait for a thread that goes on for a while."""
    try:
        await asyncio.to_thread(time.sleep, 3)
    except asyncio.CancelledError:
        await tracer.debug("the coroutine was told")
        raise


def quits(inputs):
    """End the process without a word."""
    print("last words")  # noqa: T201
    os._exit(3)


def killed(inputs):
    """End the process as the system does when memory runs out."""
    subprocess.Popen(["setsid", "sleep", "600"])
    print("last words")  # noqa: T201
    sys.stdout.flush()
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGKILL)


def hungry(inputs):
    """Take memory until somebody minds."""
    taken = []
    while True:
        taken.append(bytearray(os.urandom(1_000_000)) * 50)
        time.sleep(0.05)


KINDS = ["family", "stuck", "stopped", "awaiting", "threaded", "quits", "killed", "hungry"]


@app.enter(
    "/start",
    forms.Model(
        forms.Errors(),
        forms.Select("kind", [forms.InputOption(kind, kind) for kind in KINDS], "Kind", KINDS[0]),
        forms.Submit("Start"),
    ),
    summary="Start all sorts of things",
    tags=["test"],
)
async def start(inputs: dict, request: Request):
    """Starts what does not want to end."""
    return Launch(request, f"{WORK}:{inputs['kind']}", inputs)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Stopping:
    pass


fast_app = Stopping.bind()
