"""Reading the answers of services, which are foreign: what does not fit is left out."""

import json
from collections.abc import Mapping
from typing import Any

from kodosumi.domain.catalog.exchange import Answer
from kodosumi.domain.errors import ServiceError, UnavailableError
from kodosumi.wire import headers as names
from kodosumi.wire.codec import clean
from kodosumi.wire.ids import JOB_ID, RUNNER

Element = dict[str, Any]
"""An element of a form as it travels; `type` says which."""

LONGEST = 2000
_CHOICES = frozenset({"select", "radio"})
_FAILED, _NOT_FOUND = 400, 404
_AWAY = frozenset({404, 502, 503, 504})
_TRACEBACK = "Traceback (most recent call last)"


def elements_of(content: Mapping[str, Any]) -> list[Element]:
    """Return the elements of a form."""
    elements = content.get("elements")
    return [e for e in elements if _fits(e)] if isinstance(elements, list) else []


def errors_of(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the messages by field, those of the whole form under `_global_`; empty if it is good.

    A single message counts as a list of one.
    """
    errors = content.get("errors")
    if not isinstance(errors, dict):
        return {}
    listed = {name: _messages(messages) for name, messages in errors.items()}
    return {name: messages for name, messages in listed.items() if messages}


def job_id_of(content: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """Return the id of the job that was started, by the header or by the answer."""
    for job in (headers.get(names.LAUNCH), content.get("result"), content.get("fid")):
        if isinstance(job, str) and JOB_ID.fullmatch(job):
            return job
    return None


def runner_of(headers: Mapping[str, str]) -> str | None:
    """Return the name of the actor that runs the job that was started, if it is told."""
    told = headers.get(names.RUNNER, "")
    return told if RUNNER.fullmatch(told) else None


def raise_for_status(who: str, answer: Answer) -> None:
    """Raise UnavailableError or ServiceError for an answer that is an error, else nothing."""
    if answer.status < _FAILED:
        return
    if answer.status in _AWAY:
        why = "is not there" if answer.status == _NOT_FOUND else "is not ready"
        msg = f"{who} {why} (status {answer.status}). Try again in a moment."
        raise UnavailableError(msg)
    reason = _reason(answer)
    if reason and _is_public(answer):
        raise ServiceError(reason)
    msg = f"{who} failed: {reason or f'status {answer.status}'}"
    raise ServiceError(msg)


def _fits(element: Any) -> bool:
    """Tell whether an element has the shape that every form's template counts on."""
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        return False
    texts = (element.get(key) or "" for key in ("name", "text"))
    options = (element.get("option") or []) if element["type"] in _CHOICES else []
    return (
        all(isinstance(text, str) for text in texts)
        and isinstance(options, list)
        and all(isinstance(option, dict) and "name" in option for option in options)
    )


def _is_public(answer: Answer) -> bool:
    """Tell whether the author wrote the reason for people, as a KodosumiError."""
    content = answer.json()
    return isinstance(content, dict) and content.get("public") is True


def _reason(answer: Answer) -> str:
    """Return what the author says about a failure, without a traceback."""
    if answer.is_html:
        return ""
    text = _detail(answer.json()) or answer.text.strip()
    if _TRACEBACK in text:
        text = text.splitlines()[-1]
    return clean(text.strip())[:LONGEST]


def _detail(content: Any) -> str:
    """Return the `detail` of an answer by FastAPI: a text, or a list of problems."""
    detail = content.get("detail") if isinstance(content, dict) else None
    if isinstance(detail, list):
        texts = [str(item.get("msg", "")) for item in detail if isinstance(item, dict)]
        return "; ".join(filter(None, texts))
    return detail if isinstance(detail, str) else json.dumps(detail) if detail else ""


def _messages(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [clean(str(message))[:LONGEST] for message in values if message not in (None, "")]
