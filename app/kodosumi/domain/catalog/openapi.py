"""Services in an OpenAPI document: its operations marked `x-kodosumi: true`."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kodosumi.domain.catalog.addresses import LONGEST
from kodosumi.wire.codec import clean

_METHODS = ("get", "post", "put", "patch", "delete")
_MOST_TAGS = 20


@dataclass(frozen=True)
class Found:
    """A service as its document describes it; the fields are those of its row."""

    id: str
    source: str
    base_url: str
    path: str
    method: str
    summary: str
    description: str
    author: str
    organization: str
    version: str
    tags: tuple[str, ...]
    deprecated: bool


def identity(place: str) -> str:
    """Return the id of the service at `place`: 24 hex digits that are the same for ever."""
    return hashlib.sha256(place.encode()).hexdigest()[:24]


def services_in(document: Any, source: str, base_url: str, home: str = "") -> list[Found]:
    """Return the services of an OpenAPI document, in its order; one per path.

    Args:
        document: The parsed document, which is foreign: what does not fit is left out.
        source: Its address.
        base_url: What the paths are appended to.
        home: The part of `base_url` that may change without making it another service.
    """
    if not isinstance(document, Mapping) or len(source) > LONGEST:
        return []
    version = _line(_mapping(document.get("info")).get("version"), 60)
    return [
        Found(
            id=identity(base_url.removeprefix(home) + path),
            source=source,
            base_url=base_url,
            path=path,
            method=method.upper(),
            summary=_line(operation.get("summary"), 500) or path,
            description=_text(operation.get("description"), 100_000),
            author=_line(operation.get("x-author"), 200),
            organization=_line(operation.get("x-organization"), 200),
            version=_line(operation.get("x-version"), 60) or version,
            tags=_tags(operation.get("tags")),
            deprecated=operation.get("deprecated") is True,
        )
        for path, method, operation in _declared(document)
    ]


def _declared(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield path, method and operation of each path that declares a service; GET goes first."""
    for path, item in _mapping(document.get("paths")).items():
        if not path.startswith("/") or "{" in path or path != _line(path, LONGEST):
            continue
        for method in _METHODS:
            operation = _mapping(_mapping(item).get(method))
            if operation.get("x-kodosumi") is True:
                yield path, method, operation
                break


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any, longest: int) -> str:
    """Return foreign text that every database can hold."""
    if not isinstance(value, str | int | float):
        return ""
    return clean(str(value)).replace("\x00", "").strip()[:longest]


def _line(value: Any, longest: int) -> str:
    return " ".join(_text(value, longest).split())


def _tags(value: Any) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    tags = (_line(tag, 60) for tag in value)
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:_MOST_TAGS]
