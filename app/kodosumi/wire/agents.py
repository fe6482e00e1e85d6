"""What agents do, as values of `agent` events: `{"Agent": {…}}`, `{"ToolCall": {…}}` and so on.

The keys, which choose the template, and their fields:

- `Agent`: id, role, goal, backstory, model, tools; told once, before the first task
- `Task`: id, name, description, expected_output, agent, tools; told once, before the first task
- `Step`: id, agent, task, state, seconds, error; an agent's turn at a task, told at start and end
- `ToolCall`: step, agent, tool, args, result, error, seconds, cached; told at its end
- `LLMCall`: step, agent, model, input_tokens, output_tokens, seconds, error; told at its end
- `TaskOutput`: task, name, agent, raw, data; told when the task is done

`agent` is the agent's role, as people know it; `task` is the name of the task, in `TaskOutput` its
id; `step` is the id of a `Step`, "" outside of one. Seconds and tokens are None when not known.
"""

from enum import StrEnum

from pydantic import JsonValue

from kodosumi.wire.events import Payload


class Agent(Payload):
    """An agent of the crew. `model` is the name of its language model."""

    id: str
    role: str
    goal: str = ""
    backstory: str = ""
    model: str = ""
    tools: tuple[str, ...] = ()


class Task(Payload):
    """A task of the crew. `agent` is the role of the agent that it is given to, "" if open."""

    id: str
    name: str
    description: str = ""
    expected_output: str = ""
    agent: str = ""
    tools: tuple[str, ...] = ()


class StepState(StrEnum):
    """How far an agent's turn is."""

    STARTED = "started"
    FINISHED = "finished"
    FAILED = "failed"


class Step(Payload):
    """An agent's turn at a task; `seconds` and `error` come with its end."""

    id: str
    agent: str
    task: str = ""
    state: StepState = StepState.STARTED
    seconds: float | None = None
    error: str | None = None


class ToolCall(Payload):
    """A tool that an agent has used; `error` is set when the tool failed or said so."""

    step: str = ""
    agent: str = ""
    tool: str
    args: JsonValue = None
    result: JsonValue = None
    error: str | None = None
    seconds: float | None = None
    cached: bool = False


class LLMCall(Payload):
    """A call of a language model. Its tokens also come as a `usage` event; count only those."""

    step: str = ""
    agent: str = ""
    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    seconds: float | None = None
    error: str | None = None


class TaskOutput(Payload):
    """What a task came to: `raw` is its text, `data` its structured form if it has one."""

    task: str
    name: str
    agent: str = ""
    raw: str = ""
    data: JsonValue = None
