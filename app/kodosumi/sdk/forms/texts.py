"""Fields for text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from kodosumi.sdk.forms.base import Field, text

_EMAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*",
    re.ASCII | re.IGNORECASE,
)
_URL = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.ASCII | re.IGNORECASE)
_COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII | re.IGNORECASE)


@dataclass
class _Line(Field):
    name: str
    label: str | None = None
    value: str | None = None
    required: bool = False
    placeholder: str | None = None
    size: int | None = None
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    error: str | None = None

    def check(self, value: str) -> Iterator[str]:
        yield from _lengths(value, self.min_length, self.max_length)
        if self.pattern and not _matches(self.pattern, value):
            yield "This does not have the expected form."


@dataclass
class InputText(_Line):
    """A line of text. `pattern` is a regular expression for the whole of it."""

    type: ClassVar[str] = "text"


@dataclass
class InputSearch(_Line):
    """A line of text to search for."""

    type: ClassVar[str] = "search"


@dataclass
class InputTel(_Line):
    """A telephone number; any text, as in browsers."""

    type: ClassVar[str] = "tel"


@dataclass
class InputEmail(_Line):
    """An e-mail address."""

    type: ClassVar[str] = "email"

    def check(self, value: str) -> Iterator[str]:
        """Yield what is wrong with the address."""
        yield from super().check(value)
        if not _EMAIL.fullmatch(value):
            yield "Enter an e-mail address, like name@example.org."


@dataclass
class InputUrl(_Line):
    """An absolute URL."""

    type: ClassVar[str] = "url"

    def check(self, value: str) -> Iterator[str]:
        """Yield what is wrong with the URL."""
        yield from super().check(value)
        if not _URL.fullmatch(value):
            yield "Enter a full address, like https://example.org."


@dataclass
class InputPassword(_Line):
    """A secret; what was entered is never sent back."""

    type: ClassVar[str] = "password"

    def fill(self, raw: Any) -> None:
        """Forget what was entered."""


@dataclass
class InputArea(Field):
    """Several lines of text; line ends arrive as LF."""

    type: ClassVar[str] = "textarea"
    name: str
    label: str | None = None
    value: str | None = None
    required: bool = False
    placeholder: str | None = None
    rows: int | None = None
    cols: int | None = None
    max_length: int | None = None
    error: str | None = None

    def parse_value(self, raw: Any) -> str | None:
        """Return the text with LF for every line end, as browsers count it."""
        entered = text(raw)
        return entered and entered.replace("\r\n", "\n").replace("\r", "\n")

    def check(self, value: str) -> Iterator[str]:
        """Yield whether the text is too long."""
        yield from _lengths(value, None, self.max_length)


@dataclass
class InputColor(Field):
    """A colour as `#rrggbb`."""

    type: ClassVar[str] = "color"
    name: str
    label: str | None = None
    value: str | None = None
    required: bool = False
    error: str | None = None

    def check(self, value: str) -> Iterator[str]:
        """Yield what is wrong with the colour."""
        if not _COLOR.fullmatch(value):
            yield "Enter a colour as #rrggbb."


@dataclass
class InputHidden(Field):
    """A value that travels with the form, unseen."""

    type: ClassVar[str] = "hidden"
    name: str
    value: str | None = None
    error: str | None = None


def _lengths(value: str, low: int | None, high: int | None) -> Iterator[str]:
    if low is not None and len(value) < low:
        yield f"Use at least {low} characters; these are {len(value)}."
    if high is not None and len(value) > high:
        yield f"Use at most {high} characters; these are {len(value)}."


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:  # JavaScript's dialect: only the browser can check it
        return True
