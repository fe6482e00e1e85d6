"""Launch: what an author calls to start a job."""

import logging
import os
from collections.abc import Mapping
from typing import Any

import ray
from pydantic import BaseModel
from ray import cloudpickle
from starlette.requests import Request
from starlette.responses import JSONResponse

from kodosumi.runtime import standby
from kodosumi.runtime.entry import describe, module_of
from kodosumi.runtime.names import namespace
from kodosumi.runtime.routes import function_of
from kodosumi.runtime.runner import Order
from kodosumi.sdk.errors import GLOBAL, KodosumiError
from kodosumi.wire import headers
from kodosumi.wire.codec import clean, jsonable
from kodosumi.wire.events import Meta, dump
from kodosumi.wire.ids import JOB_ID, new_job_id

MASK = "••••••••"


def Launch(  # noqa: N802, PLR0917 - the name and the arguments of the 1.x API
    request: Request,
    entry_point: object,
    inputs: Mapping[str, Any] | BaseModel | None = None,
    reference: object = None,
    summary: str | None = None,
    description: str | None = None,
) -> JSONResponse:
    """Start a job and answer `{"fid": id}`.

    The headers `kodosumi_launch` and `kodosumi_runner` tell the id and the actor that runs the job.

    Args:
        request: The request of the person who launches.
        entry_point: `"package.module:object"`, `"package.module.object"`, a function (sync or
            async, taking any of `inputs` and `tracer`), a CrewAI crew or a `@CrewBase` class.
        inputs: What the entry point gets as `inputs`.
        reference: The route or function whose metadata the job shows; the current one by default.
        summary: Shown instead of the service's summary.
        description: Shown instead of the service's description.

    Raises:
        KodosumiError: Ray cannot be reached, or the entry point or inputs cannot be sent to it.
    """
    _connect()
    values = inputs.model_dump() if isinstance(inputs, BaseModel) else dict(inputs or {})
    meta = _meta(request, entry_point, reference, summary, description)
    job = _job_id(request)
    order = Order(
        job=job,
        namespace=namespace(),
        entry_point=_pickled(entry_point, "entry point"),
        inputs=_pickled(values, "inputs"),
        shown=dump(_masked(values, request)),
        meta=meta,
    )
    runner = standby.begin(order, module_of(entry_point))
    return JSONResponse({"fid": job}, headers={headers.LAUNCH: job, headers.RUNNER: runner})


def _connect() -> None:
    """Join the running Ray when this process is not part of it, as under plain uvicorn."""
    if ray.is_initialized():
        return
    address = os.environ.get("RAY_ADDRESS", "auto")
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.WARNING)
    except ConnectionError as exc:
        msg = "Ray cannot be reached. Start it with `koco start` or `ray start --head`, then retry."
        raise KodosumiError(msg) from exc


def _job_id(request: Request) -> str:
    """Return the id that the panel has chosen, or a new one."""
    asked = request.headers.get(headers.JOB, "")
    return asked if JOB_ID.fullmatch(asked) else new_job_id()


def _pickled(value: object, what: str) -> bytes:
    try:
        data: bytes = cloudpickle.dumps(value)  # type: ignore[no-untyped-call]
    except Exception as exc:
        msg = f"The {what} cannot be sent to Ray: {type(exc).__name__}: {exc}"
        raise KodosumiError(msg) from exc
    return data


def _masked(values: dict[str, Any], request: Request) -> Any:
    secret = getattr(request.state, "secret_fields", ())
    shown = {key: value for key, value in values.items() if key != GLOBAL}
    return jsonable({key: MASK if key in secret else value for key, value in shown.items()})


def _meta(
    request: Request,
    entry_point: object,
    reference: object,
    summary: str | None,
    description: str | None,
) -> Meta:
    route = _route(request, reference)
    extra: dict[str, Any] = getattr(route, "openapi_extra", None) or {}
    return Meta(
        service=request.headers.get(headers.BASE) or str(request.url),
        entry_point=describe(entry_point),
        summary=clean(summary or getattr(route, "summary", None) or ""),
        description=clean(description or getattr(route, "description", None) or ""),
        author=extra.get("x-author") or "",
        organization=extra.get("x-organization") or "",
        version=extra.get("x-version") or "",
        tags=[str(tag) for tag in getattr(route, "tags", None) or ()],
        deprecated=bool(getattr(route, "deprecated", False)),
        reference=describe(reference) if callable(reference) else None,
    )


def _route(request: Request, reference: object) -> object:
    """Return the route of `reference`, or else the service's route at the requested path."""
    current = request.scope.get("route")
    routes = getattr(request.scope.get("app"), "routes", ())
    if callable(reference):
        return next((r for r in routes if function_of(r) is reference), current)
    path = getattr(current, "path", None)
    same = [r for r in routes if getattr(r, "path", None) == path]
    declared = [r for r in same if (getattr(r, "openapi_extra", None) or {}).get("x-kodosumi")]
    return declared[0] if declared else current
