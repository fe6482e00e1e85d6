"""The field for files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from kodosumi.sdk.forms.base import Field


@dataclass
class InputFiles(Field):
    """Files to upload; its value is the set of their names."""

    type: ClassVar[str] = "file"
    name: str
    label: str | None = None
    value: list[str] | None = None
    required: bool = False
    multiple: bool = False
    directory: bool = False
    error: str | None = None

    def parse_value(self, raw: Any) -> set[str]:
        """Return the names out of a name, a list of names, or an upload's description.

        The description, as an object or its JSON text, is
        `{"batchId": id, "items": {upload id: {"filename": name, …}}}`.

        Raises:
            ValueError: it is none of these.
        """
        given = _loaded(raw)
        if isinstance(given, dict):
            given = [item.get("filename") for item in _items(given)]
        names = [given] if given and isinstance(given, str) else given or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            msg = "Choose files."
            raise ValueError(msg)
        return set(names)

    def check(self, value: set[str]) -> Iterator[str]:
        """Yield whether these are too many files."""
        if len(value) > 1 and not (self.multiple or self.directory):
            yield "Choose one file only."

    def fill(self, raw: Any) -> None:
        """Keep the names, so that the form can tell them."""
        names, _ = self.read(raw)
        self.value = sorted(names) if isinstance(names, set) else None


def _loaded(raw: Any) -> Any:
    if not isinstance(raw, str) or not raw.startswith(("{", "[")):
        return raw
    try:
        return json.loads(raw)
    except ValueError:  # a file may be called so
        return raw


def _items(upload: dict[str, Any]) -> list[dict[str, Any]]:
    items = upload.get("items")
    found = list(items.values()) if isinstance(items, dict) else []
    return [item for item in found if isinstance(item, dict)]
