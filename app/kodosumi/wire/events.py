"""The closed vocabulary of events, and the shape of each kind's payload.

A payload travels as JSON text. Emitters build it with `dump`, readers check it with `load`; the
bytes between the two are never parsed on the way from the runner to the database.
"""

import json
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from kodosumi.wire.states import JobStatus


class Kind(StrEnum):
    """What an event is about. The values are stored and are the SSE names of the 1.x routes."""

    STATUS = "status"
    META = "meta"
    INPUTS = "inputs"
    AGENT = "agent"
    DEBUG = "debug"
    STDOUT = "stdout"
    STDERR = "stderr"
    ACTION = "action"
    RESULT = "result"
    FINAL = "final"
    ERROR = "error"
    LOCK = "lock"
    LEASE = "lease"
    UPLOAD = "upload"
    PROGRESS = "progress"
    STEP = "step"
    USAGE = "usage"


class Payload(BaseModel):
    """Base of payloads; unknown fields are kept, so that an older panel can store newer events."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Ended(Payload):
    """What is confirmed to be gone of a job that was ended by force.

    The numbers are of what ran at that moment. `kept` names detached actors, which outlive by their
    maker's wish; `unsure` tells in words what could not be confirmed.
    """

    runner: bool = False
    tasks: int = 0
    actors: int = 0
    processes: int = 0
    kept: list[str] = []
    unsure: list[str] = []


class Status(Payload):
    """A move of the job. `by` is a user's name when a person caused it; `count` ends the job.

    `ended` tells what was ended by force.
    """

    status: JobStatus
    by: str | None = None
    reason: str | None = None
    count: int | None = None
    ended: Ended | None = None


class Meta(Payload):
    """What is known of the job when its runner starts."""

    service: str = ""
    entry_point: str = ""
    summary: str = ""
    description: str = ""
    author: str = ""
    organization: str = ""
    version: str = ""
    tags: list[str] = []
    deprecated: bool = False
    reference: str | None = None
    kodosumi_version: str = ""
    runner: str = ""
    node: str = ""
    pid: int = 0


class Failure(Payload):
    """An exception that ended the job.

    `public` is true for messages that the author wrote for the launcher (KodosumiError);
    `traceback` is shown only to people who may operate the service.
    """

    type: str
    message: str
    traceback: str | None = None
    public: bool = False


class Progress(Payload):
    """How far the job is, as declared by its author; `total` in the same unit as `done`."""

    done: float
    total: float | None = None
    text: str = ""


class Step(Payload):
    """The start or end of a named, possibly nested piece of work. `seconds` is set at its end."""

    id: str
    name: str
    parent: str | None = None
    state: str = "started"
    seconds: float | None = None
    detail: JsonValue = None


class Usage(Payload):
    """Tokens of one model call; a figure that is not known is None, never 0. `cost` in USD."""

    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None


class Lock(Payload):
    """A job waits for a person."""

    lock: str
    name: str = ""
    expires: float | None = None


class Lease(Payload):
    """The answer that freed a lock."""

    lock: str
    by: str | None = None
    result: JsonValue = None


class Upload(Payload):
    """Files that came to or from the job."""

    batch: str
    folder: str
    files: list[str] = []


Value = dict[str, JsonValue]
"""A typed value: one key, the type's name, and its JSON: `{"Markdown": {"body": "# Hi"}}`."""

PAYLOADS: dict[Kind, TypeAdapter[Any]] = {
    Kind.STATUS: TypeAdapter(Status),
    Kind.META: TypeAdapter(Meta),
    Kind.INPUTS: TypeAdapter(dict[str, JsonValue]),
    Kind.AGENT: TypeAdapter(Value),
    Kind.DEBUG: TypeAdapter(str),
    Kind.STDOUT: TypeAdapter(str),
    Kind.STDERR: TypeAdapter(str),
    Kind.ACTION: TypeAdapter(Value),
    Kind.RESULT: TypeAdapter(Value),
    Kind.FINAL: TypeAdapter(Value),
    Kind.ERROR: TypeAdapter(Failure),
    Kind.LOCK: TypeAdapter(Lock),
    Kind.LEASE: TypeAdapter(Lease),
    Kind.UPLOAD: TypeAdapter(Upload),
    Kind.PROGRESS: TypeAdapter(Progress),
    Kind.STEP: TypeAdapter(Step),
    Kind.USAGE: TypeAdapter(Usage),
}


class Emitted(NamedTuple):
    """An event as its source made it: seconds since the epoch, kind, payload as JSON text."""

    at: float
    kind: str
    payload: str


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump(payload: Payload | JsonValue) -> str:
    """Return `payload` as compact JSON text.

    Raises:
        TypeError: a value is not JSON; use `codec.pack` for foreign values.
    """
    if isinstance(payload, Payload):
        return payload.model_dump_json(exclude_none=True)
    return _encode(payload)


def load(kind: Kind | str, payload: str) -> Any:
    """Return the checked payload of an event of `kind` from its JSON text.

    Raises:
        ValueError: the kind is unknown or the text does not have the kind's shape.
    """
    return PAYLOADS[Kind(kind)].validate_json(payload)
