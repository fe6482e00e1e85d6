"""Fields to choose with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from kodosumi.sdk.forms.base import Element, Field

_YES = frozenset({"on", "true", "1", "yes"})


@dataclass
class Checkbox(Field):
    """A box to tick; its value is a bool. `option` is the text beside the box."""

    type: ClassVar[str] = "boolean"
    name: str
    option: str | None = None
    label: str | None = None
    value: bool = False
    error: str | None = None

    def parse_value(self, raw: Any) -> bool:
        """Return whether the box is ticked; browsers leave out what is not."""
        return str(raw).strip().lower() in _YES

    def fill(self, raw: Any) -> None:
        """Keep whether the box was ticked."""
        self.value = self.parse_value(raw)


@dataclass
class InputOption(Element):
    """One of the options of a Select or an InputRadio. `value` says that it is chosen."""

    type: ClassVar[str] = "option"
    name: str
    label: str | None = None
    value: bool = False
    error: str | None = None


@dataclass
class Select(Field):
    """One option of several from a list; its value is the option's name."""

    type: ClassVar[str] = "select"
    name: str
    option: list[InputOption]
    label: str | None = None
    value: str | None = None
    required: bool = False
    error: str | None = None

    def __post_init__(self) -> None:
        """Take options of its own, also from JSON, so that filling in one list marks no other."""
        self.option = [
            InputOption.from_dict(option) if isinstance(option, dict) else replace(option)
            for option in self.option
        ]

    def check(self, value: str) -> Iterator[str]:
        """Yield whether there is no such option."""
        if value not in {str(option.name) for option in self.option}:
            yield "Choose one of the options."

    def fill(self, raw: Any) -> None:
        """Keep what was chosen."""
        self.value = raw
        for option in self.option:
            option.value = str(option.name) == str(raw)

    def to_dict(self) -> dict[str, Any]:
        """Return the element with its options as JSON values."""
        return super().to_dict() | {"option": [option.to_dict() for option in self.option]}


@dataclass
class InputRadio(Select):
    """One option of several, all in view."""

    type: ClassVar[str] = "radio"
