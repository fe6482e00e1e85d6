"""The two faces of a form service: GET tells the form, POST takes it and launches."""

import inspect
import json
from collections.abc import Callable
from typing import Any

from fastapi import HTTPException, Request
from fastapi.encoders import jsonable_encoder
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from kodosumi.sdk.errors import GLOBAL, InputsError
from kodosumi.sdk.forms import InputPassword, Model
from kodosumi.wire.headers import LAUNCH, RUNNER

_OFFERS = ("inputs", "request")


class FormPage:
    """A form, the function that launches with its inputs, and what describes the two.

    Raises:
        TypeError: the function asks for an argument that nobody gives.
    """

    def __init__(self, function: Callable[..., Any], model: Model, meta: dict[str, Any]) -> None:
        self.function = function
        self._model = model
        self._meta = meta
        self._asked = _asked(function)

    async def show(self) -> dict[str, Any]:
        """Return the metadata and, as `elements`, the form."""
        return {**self._meta, "elements": self._model.get_model()}

    async def submit(self, request: Request) -> Response:
        """Launch with what was entered.

        Answers `{"result": job id, "elements"}` with the job's id in the header too, or
        `{"errors": {field: [messages], "_global_": [messages]}, "elements"}`; the elements hold
        what was entered.
        """
        entered = await _entered(request)
        request.state.secret_fields = self._secrets()
        inputs, errors = self._model.read(entered)
        form = self._model.copy()
        form.set_data(entered)
        if errors:
            return _rejected(form, errors)
        try:
            return _launched(form, await self._call(inputs, request))
        except InputsError as exc:
            return _rejected(form, exc.errors)

    def _secrets(self) -> frozenset[str]:
        return frozenset(f.name for f in self._model.fields if isinstance(f, InputPassword))

    async def _call(self, inputs: dict[str, Any], request: Request) -> Any:
        offers = {"inputs": inputs, "request": request}
        given = {name: offers[name] for name in self._asked}
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**given)
        answer = await run_in_threadpool(self.function, **given)
        return await answer if inspect.isawaitable(answer) else answer


def _asked(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return list(_OFFERS)
    for parameter in parameters:
        if parameter.name not in _OFFERS and parameter.default is parameter.empty:
            msg = (
                f"{function.__qualname__} asks for {parameter.name!r}, which nobody gives: "
                "the function of a form may take `inputs` and `request`"
            )
            raise TypeError(msg)
    return [parameter.name for parameter in parameters if parameter.name in _OFFERS]


async def _entered(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        entered = json.loads(body or b"{}")
        # What has no JSON to answer with: infinities, NaN, halves of surrogate pairs.
        json.dumps(entered, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as exc:
        raise HTTPException(400, "The body is no JSON.") from exc
    if not isinstance(entered, dict):
        raise HTTPException(400, "Send the inputs as a JSON object.")
    return entered


def _launched(form: Model, answer: Any) -> Response:
    if not isinstance(answer, Response):
        msg = f"the function of a form must return Launch(…), not {type(answer).__name__}"
        raise TypeError(msg)
    job = answer.headers.get(LAUNCH)
    if job is None:
        return answer
    content = {"result": job, "elements": form.get_model()}
    told = {name: answer.headers[name] for name in (LAUNCH, RUNNER) if name in answer.headers}
    return JSONResponse(jsonable_encoder(content), headers=told)


def _rejected(form: Model, errors: dict[str, list[str]]) -> Response:
    found = {GLOBAL: [], **errors}
    if not any(found.values()):
        found[GLOBAL] = ["These inputs were not accepted."]
    form.set_errors(found)
    return JSONResponse(jsonable_encoder({"errors": found, "elements": form.get_model()}))
