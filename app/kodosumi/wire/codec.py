"""Foreign values as JSON text: `{"TypeName": value}`, whatever an author hands over."""

import json
from typing import Any

from pydantic import TypeAdapter

_ANY: TypeAdapter[Any] = TypeAdapter(Any)


def pack(value: object) -> str:
    """Return `value` as the JSON text `{"TypeName": value}`.

    Pydantic models, dataclasses, mappings, sequences, dates, strings, numbers and None are taken as
    they are; CrewAI's outputs are pydantic models. NaN and infinities become null. What has no JSON
    form becomes `{"repr": text, "note": why}` under its type's name; this function never raises.
    """
    name = json.dumps(type(value).__name__)
    try:
        text = _ANY.dump_json(value, serialize_as_any=True).decode()
    except Exception as exc:  # noqa: BLE001 - a value must never cost a job
        text = json.dumps(
            {"repr": _safe_repr(value), "note": f"not serialisable: {clean(str(exc))}"[:500]}
        )
    return f"{{{name}:{text}}}"


def jsonable(values: dict[str, Any]) -> dict[str, Any]:
    """Return `values` as plain JSON values; what has no JSON form becomes its `repr`."""
    return {clean(str(key)): _plain(value) for key, value in values.items()}


def _plain(value: object) -> Any:
    try:
        return json.loads(_ANY.dump_json(value, serialize_as_any=True))
    except Exception:  # noqa: BLE001 - shown to people only
        return _safe_repr(value)


def clean(text: str) -> str:
    """Return `text` with lone surrogates replaced, so that it can be encoded as UTF-8."""
    return text.encode("utf-8", "replace").decode()


def _safe_repr(value: object) -> str:
    try:
        return clean(repr(value)[:10_000])
    except Exception as exc:  # noqa: BLE001 - a broken __repr__ is the author's, not ours
        return f"<{type(value).__name__}: its repr failed: {type(exc).__name__}>"
