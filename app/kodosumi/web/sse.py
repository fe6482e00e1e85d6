"""Server-sent events as htmx wants them: LF only, an id on every message."""

import json
from typing import Any

RETRY = b"retry: 1000\n\n"


def message(data: str, event: str, last_id: int) -> bytes:
    """Return one message; without an `event` name htmx swaps its data into the page."""
    name = f"event: {event}\n" if event else ""
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body = "".join(f"data: {line}\n" for line in lines)
    return f"id: {last_id}\n{name}{body}\n".encode()


def json_message(data: dict[str, Any], event: str, last_id: int) -> bytes:
    """Return one named message whose data is JSON."""
    return message(json.dumps(data, ensure_ascii=False), event, last_id)
