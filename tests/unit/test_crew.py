"""Crews as entry points, with a stand-in for CrewAI: tests/ray/test_hymn.py runs the real one."""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from kodosumi.runtime.crew import is_crew, run_crew
from kodosumi.runtime.crew.running import QUIET
from kodosumi.sdk.tracer import Tracer
from kodosumi.wire import agents
from kodosumi.wire.codec import pack
from kodosumi.wire.events import Kind, load

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
sinks: ContextVar[tuple[Callable[..., None], ...]] = ContextVar("sinks", default=())


class Recorder:
    """An emitter that keeps what it gets."""

    cancelled = crowded = False

    def __init__(self) -> None:
        self.events: list[tuple[Kind, Any]] = []

    def emit(self, kind: Kind, payload: str) -> None:
        self.events.append((kind, load(kind, payload)))

    def make_room(self) -> None:
        """Nothing waits here."""

    def agents(self) -> list[tuple[str, dict[str, Any]]]:
        return [pair for kind, value in self.events if kind == "agent" for pair in value.items()]


poet = SimpleNamespace(
    id="a1", role="Poet", goal="sing", backstory="old", llm=SimpleNamespace(model="m"), tools=[]
)
draft = SimpleNamespace(
    id="t1", name=None, description="Write\nit", expected_output="a hymn", agent=poet, tools=None
)


def said(kind: str, second: float = 0, **fields: Any) -> None:
    """Emit an event of CrewAI `second` seconds after noon."""
    known = {"event_id": kind, "started_event_id": None, "agent_id": "a1", "task_id": "t1"}
    event = {"agent_role": "Poet", "timestamp": NOON + timedelta(seconds=second)} | known | fields
    for sink in sinks.get():
        sink(None, SimpleNamespace(type=kind, **event))


class Crew:
    """What `@CrewBase` makes of a class, and the crew that it gives, in one."""

    is_crew_class = True
    stream = False
    agents = (poet,)
    tasks = (draft,)
    inputs: Any = None

    def crew(self) -> Any:
        return self

    def kickoff(self, inputs: dict[str, Any]) -> Any:
        type(self).inputs = inputs
        return self.work()

    def work(self) -> Any:
        return "done"


@pytest.fixture(autouse=True)
def _crewai(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = ModuleType("crewai.events.stream_context")
    vars(stand_in)["add_stream_sink"] = lambda sink: sinks.set((*sinks.get(), sink))
    for name in ("crewai", "crewai.events"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    for name in QUIET:
        monkeypatch.setenv(name, "to be restored")
        monkeypatch.delenv(name)


@pytest.fixture
def heard() -> Recorder:
    return Recorder()


async def run(crew: object, heard: Recorder, **inputs: Any) -> object:
    return await run_crew(crew, inputs, Tracer("job", heard))


def test_what_counts_as_a_crew(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_crew(Crew)
    assert is_crew(Crew())
    assert not is_crew(lambda: None)
    plain = type("Plain", (), {})
    assert not is_crew(plain())
    module = ModuleType("crewai.crew")
    vars(module)["Crew"] = plain
    monkeypatch.setitem(sys.modules, "crewai.crew", module)
    assert is_crew(plain())
    assert not is_crew(plain)


async def test_a_run_is_told_in_order_and_tokens_once(heard: Recorder) -> None:
    class Told(Crew):
        def work(self) -> Any:
            said("task_started", task=draft)
            said("agent_execution_started", event_id="s1", agent=poet, task=draft)
            said("llm_call_started", 1, call_id="c1", model="m")
            said("llm_stream_chunk", 1.5, call_id="c1", chunk="O")
            usage = {"prompt_tokens": 7, "completion_tokens": 3}
            said("llm_call_completed", 2, call_id="c1", model="m", response_id="r", usage=usage)
            said("tool_usage_started", 2, event_id="u1")
            said(
                "tool_usage_finished",
                5,
                started_event_id="u1",
                tool_name="count",
                tool_args={"on": date(2026, 1, 1)},
                output=4,
                from_cache=False,
            )
            for _ in range(2):
                said("llm_call_failed", 6, call_id="c2", model="m", error="busy")
            said("agent_execution_completed", 8, agent=poet, task=draft, output="O light")
            output = SimpleNamespace(agent="Poet", raw="O light", pydantic=None, json_dict=None)
            said("task_completed", 8, task=draft, output=output)
            return output.raw

    assert await run(Told, heard) == "O light"

    told = heard.agents()
    assert [name for name, _ in told] == [
        "Agent",
        "Task",
        "Step",
        "LLMCall",
        "ToolCall",
        "LLMCall",
        "Step",
        "TaskOutput",
    ]
    for name, fields in told:
        assert set(fields) <= set(getattr(agents, name).model_fields)
    agent, task, start, call, tool, failed, end, output = [fields for _, fields in told]
    assert (agent["role"], agent["model"], task["name"]) == ("Poet", "m", "Write")
    assert (start["id"], start["state"], start["seconds"]) == ("s1", "started", None)
    assert (end["id"], end["state"], end["seconds"]) == ("s1", "finished", 8)
    assert (call["step"], call["input_tokens"], call["seconds"]) == ("s1", 7, 1)
    assert (tool["step"], tool["args"], tool["result"]) == ("s1", {"on": "2026-01-01"}, 4)
    assert tool["seconds"] == 3
    assert (failed["error"], failed["input_tokens"]) == ("busy", None)
    assert output["raw"] == "O light"
    usage = [value for kind, value in heard.events if kind == "usage"]
    assert [(u.model, u.input_tokens, u.output_tokens) for u in usage] == [("m", 7, 3)]
    progress = [(p.done, p.total) for kind, p in heard.events if kind == "progress"]
    assert progress == [(0, 1), (1, 1)]


async def test_inputs_are_made_plain_and_silence_kept(
    heard: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREWAI_TRACING_ENABLED", "true")
    await run(Crew(), heard, day=date(2026, 1, 2), tags={"a"}, n=3, nothing=None)
    assert Crew.inputs == {"day": "2026-01-02", "tags": ["a"], "n": 3, "nothing": None}
    assert os.environ["CREWAI_DISABLE_TELEMETRY"] == "true"
    assert os.environ["CREWAI_TRACING_ENABLED"] == "true"


async def test_the_crews_exceptions_come_as_they_are(heard: Recorder) -> None:
    class Broken(Crew):
        def work(self) -> Any:
            msg = "the key is wrong"
            raise PermissionError(msg)

    with pytest.raises(PermissionError, match="the key is wrong"):
        await run(Broken, heard)


async def test_an_event_that_nobody_understands_costs_nothing(
    heard: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(Crew):
        def work(self) -> Any:
            said("agent_execution_started", agent=None)
            said("never heard of")
            return 1

    assert await run(Odd, heard) == 1
    assert heard.events == []
    assert "agent_execution_started" in caplog.text


async def test_a_cancelled_crew_stops_at_its_next_event(heard: Recorder) -> None:
    class Endless(Crew):
        running = threading.Event()
        stopped = threading.Event()

        def work(self) -> Any:
            self.running.set()
            try:
                while True:
                    try:
                        said("llm_stream_chunk")
                    except Exception:  # noqa: BLE001 - as CrewAI does, before it tries again
                        continue
                    time.sleep(0.001)
            finally:
                self.stopped.set()

    job = asyncio.create_task(run(Endless, heard))
    assert await asyncio.to_thread(Endless.running.wait, 10)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await asyncio.to_thread(Endless.stopped.wait, 10)


def test_structured_output_keeps_its_fields() -> None:
    class Song(BaseModel):
        title: str

    class CrewOutput(BaseModel):
        pydantic: BaseModel | None  # as CrewAI declares it

    packed = json.loads(pack(CrewOutput(pydantic=Song(title="Snow"))))
    assert packed == {"CrewOutput": {"pydantic": {"title": "Snow"}}}


async def test_a_streaming_crew_is_drained(heard: Recorder) -> None:
    class Pieces:
        result = None

        def __iter__(self) -> Iterator[str]:
            yield "O"
            self.result = "O light"

    class Streaming(Crew):
        stream = True

        def work(self) -> Any:
            return Pieces()

    assert await run(Streaming, heard) == "O light"


async def test_an_older_crewai_runs_with_less_to_see(
    heard: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "crewai.events.stream_context", None)
    assert await run(Crew, heard) == "done"
    assert [name for name, _ in heard.agents()] == ["Agent", "Task"]
    assert "1.15" in json.dumps([value for kind, value in heard.events if kind == "debug"])
