"""Makes a job's events of CrewAI's events.

CrewAI's objects are read by attribute only: nothing here imports it.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python

from kodosumi.runtime.crew.portraits import agents_of, name_of, portrait, task_portrait
from kodosumi.sdk.tracer import Tracer
from kodosumi.wire.agents import LLMCall, Step, StepState, TaskOutput, ToolCall
from kodosumi.wire.codec import pack
from kodosumi.wire.events import Kind, Payload, Progress, Usage, dump

log = logging.getLogger(__name__)


class StoppedError(BaseException):
    """Ends a crew that is no longer wanted.

    Not an `Exception`, because CrewAI catches those and tries again.
    """


class Narrator:
    """Hears the events of one crew's run, from any thread, and tells them to the tracer."""

    crew: Any = None

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._stopped = False
        self._lock = threading.RLock()
        self._announced = False
        self._done = 0
        self._steps: dict[tuple[str, str], tuple[str, datetime]] = {}
        self._began: dict[str, datetime] = {}
        self._told: set[tuple[str, str | None]] = set()
        self._chapters: dict[str, Callable[[Any], None]] = {
            "task_started": self._task_started,
            "task_completed": self._task_completed,
            "agent_execution_started": self._step_started,
            "agent_execution_completed": self._step_finished,
            "agent_execution_error": self._step_failed,
            "tool_usage_started": self._tool_started,
            "tool_usage_finished": self._tool_finished,
            "tool_usage_error": self._tool_failed,
            "llm_call_started": self._llm_started,
            "llm_call_completed": self._llm_ended,
            "llm_call_failed": self._llm_ended,
        }

    def stop(self) -> None:
        """End the crew at its next event."""
        self._stopped = True

    def hear(self, source: object, event: Any) -> None:  # noqa: ARG002 - CrewAI passes both
        """Take an event of CrewAI; what cannot be understood never costs the job.

        Raises:
            StoppedError: the crew is no longer wanted.
        """
        if self._stopped:
            raise StoppedError
        chapter = self._chapters.get(event.type)
        if chapter is None:
            return
        try:
            with self._lock:
                chapter(event)
        except Exception:
            log.exception("an event %r of CrewAI was not understood", event.type)

    def note(self, text: str) -> None:
        """Write `text` to the job's log."""
        self._tracer.emit(Kind.DEBUG, dump(text))

    def announce(self) -> None:
        """Tell the agents and tasks of the crew, once."""
        if self._announced:
            return
        self._announced = True
        for agent in agents_of(self.crew):
            self._tell(portrait(agent))
        for task in self.crew.tasks:
            self._tell(task_portrait(task))

    def _ours(self, task: object) -> bool:
        """Tell a task of the crew from one that an agent or the planner made up."""
        return any(own is task for own in self.crew.tasks)

    def _tell(self, value: Payload) -> None:
        self._tracer.emit(Kind.AGENT, pack(value))

    def _advance(self, text: str) -> None:
        progress = Progress(done=self._done, total=len(self.crew.tasks), text=text)
        self._tracer.emit(Kind.PROGRESS, dump(progress))

    def _task_started(self, event: Any) -> None:
        # Not at kickoff: only now are the inputs filled into goals and descriptions.
        self.announce()
        if self._ours(event.task):
            self._advance(name_of(event.task))

    def _task_completed(self, event: Any) -> None:
        output = event.output
        data = output.pydantic if output.pydantic is not None else output.json_dict
        self._tell(
            TaskOutput(
                task=event.task_id or "",
                name=name_of(event.task),
                agent=output.agent,
                raw=output.raw,
                data=_json(data),
            )
        )
        if self._ours(event.task):
            self._done += 1
            self._advance(name_of(event.task))

    def _step_started(self, event: Any) -> None:
        self._steps[_turn(event)] = event.event_id, event.timestamp
        self._tell(Step(id=event.event_id, agent=event.agent.role, task=name_of(event.task)))

    def _step_finished(self, event: Any) -> None:
        self._step_ended(event, StepState.FINISHED)

    def _step_failed(self, event: Any) -> None:
        self._step_ended(event, StepState.FAILED, event.error)

    def _step_ended(self, event: Any, state: StepState, error: str | None = None) -> None:
        step, began = self._steps.pop(_turn(event), (event.event_id, None))
        self._tell(
            Step(
                id=step,
                agent=event.agent.role,
                task=name_of(event.task),
                state=state,
                seconds=_seconds(began, event.timestamp),
                error=error,
            )
        )

    def _tool_started(self, event: Any) -> None:
        self._began[event.event_id] = event.timestamp

    def _tool_finished(self, event: Any) -> None:
        failure = getattr(event, "failure", None)
        self._tool_ended(
            event,
            result=_json(event.output),
            error=failure.message if failure else None,
            cached=event.from_cache,
        )

    def _tool_failed(self, event: Any) -> None:
        self._tool_ended(event, error=str(event.error))

    def _tool_ended(self, event: Any, **more: Any) -> None:
        began = self._began.pop(event.started_event_id or "", None)
        self._tell(
            ToolCall(
                step=self._step_of(event),
                agent=event.agent_role or "",
                tool=event.tool_name,
                args=_json(event.tool_args),
                seconds=_seconds(began, event.timestamp),
                **more,
            )
        )

    def _llm_started(self, event: Any) -> None:
        self._began[event.call_id] = event.timestamp

    def _llm_ended(self, event: Any) -> None:
        """Tell a model call and its tokens; CrewAI reports a failed one twice."""
        key = event.call_id, getattr(event, "response_id", None)
        if key in self._told:
            return
        self._told.add(key)
        usage = getattr(event, "usage", None)
        spent = _usage(event.model or "", usage)
        self._tell(
            LLMCall(
                step=self._step_of(event),
                agent=event.agent_role or "",
                model=spent.model,
                input_tokens=spent.input_tokens,
                output_tokens=spent.output_tokens,
                seconds=_seconds(self._began.pop(event.call_id, None), event.timestamp),
                error=getattr(event, "error", None),
            )
        )
        if usage:
            self._tracer.emit(Kind.USAGE, dump(spent))

    def _step_of(self, event: Any) -> str:
        """Return the id of the step to which a call belongs, "" when there is none."""
        return self._steps.get((str(event.agent_id), str(event.task_id)), ("",))[0]


def _turn(event: Any) -> tuple[str, str]:
    return str(event.agent.id), str(getattr(event.task, "id", None))


def _seconds(began: datetime | None, ended: datetime) -> float | None:
    return None if began is None else round((ended - began).total_seconds(), 3)


def _usage(model: str, usage: dict[str, Any] | None) -> Usage:
    """Return what a call cost, from any provider's names for it."""
    usage = usage or {}
    return Usage(
        model=model,
        input_tokens=usage.get("prompt_tokens", usage.get("input_tokens")),
        output_tokens=usage.get("completion_tokens", usage.get("output_tokens")),
    )


def _json(value: object) -> Any:
    return to_jsonable_python(value, fallback=str, serialize_unknown=True)
