"""What all elements of a form have in common."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, ClassVar, Self

MISSING = "Please fill in this field."


class Element:
    """A part of a form: a dataclass, with `type` as its name in the form's JSON."""

    type: ClassVar[str]
    error: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the element as JSON values, with the key `type`."""
        return {"type": self.type} | vars(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the element that `data`, made by `to_dict`, describes; other keys are ignored."""
        dataclass: Any = cls
        return cls(**{f.name: data[f.name] for f in fields(dataclass) if f.name in data})


class Field(Element):
    """An element that a person fills in."""

    name: str
    value: Any
    required: bool = False

    def parse_value(self, raw: Any) -> Any:
        """Return what was entered as the author gets it.

        Raises:
            ValueError: it is not of the field's kind; the message is for the person.
        """
        return text(raw)

    def check(self, value: Any) -> Iterator[str]:  # noqa: ARG002 - the hook's argument
        """Yield a message for each rule that `value`, parsed and not empty, breaks."""
        yield from ()

    def read(self, raw: Any) -> tuple[Any, list[str]]:
        """Return the parsed value and the messages of all that is wrong with it."""
        try:
            value = self.parse_value(raw)
        except ValueError as exc:
            return raw, [str(exc)]
        if value is None or value in ("", set()):
            return value, [MISSING] if self.required else []
        return value, list(self.check(value))

    def fill(self, raw: Any) -> None:
        """Keep what was entered, right or wrong, so that it is shown again."""
        self.value = raw


def text(raw: Any) -> str | None:
    """Return `raw` as text; None stays None.

    Raises:
        ValueError: it is a list or an object.
    """
    if raw is None or isinstance(raw, str):
        return raw
    if isinstance(raw, (bool, int, float)):
        return str(raw)
    msg = "Enter a text."
    raise ValueError(msg)
