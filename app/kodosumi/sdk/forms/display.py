"""Elements that only show something."""

from dataclasses import dataclass
from typing import ClassVar

from kodosumi.sdk.forms.base import Element


@dataclass
class Markdown(Element):
    """A text in Markdown."""

    type: ClassVar[str] = "markdown"
    text: str
    error: str | None = None


@dataclass
class HTML(Element):
    """A piece of HTML; the panel cleans it of scripts and styles."""

    type: ClassVar[str] = "html"
    text: str
    error: str | None = None


@dataclass
class Break(Element):
    """Space between two elements."""

    type: ClassVar[str] = "break"
    error: str | None = None


@dataclass
class HR(Element):
    """A line between two elements."""

    type: ClassVar[str] = "hr"
    error: str | None = None


@dataclass
class Errors(Element):
    """The place of messages about the whole form."""

    type: ClassVar[str] = "errors"
    error: str | None = None


@dataclass
class DisplayInfo(Element):
    """A plain text with a label, in the manner of a field."""

    type: ClassVar[str] = "none"
    text: str
    label: str | None = None
    error: str | None = None
