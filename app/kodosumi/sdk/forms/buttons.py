"""Buttons."""

from dataclasses import dataclass
from typing import ClassVar

from kodosumi.sdk.forms.base import Element


@dataclass
class Submit(Element):
    """Sends the form."""

    type: ClassVar[str] = "submit"
    text: str | None = None
    error: str | None = None


@dataclass
class Cancel(Element):
    """Leaves the form without sending it."""

    type: ClassVar[str] = "cancel"
    text: str | None = None
    error: str | None = None


@dataclass
class Action(Element):
    """Sends the form, and its own value under its name."""

    type: ClassVar[str] = "action"
    name: str
    value: str | None = None
    required: bool = False
    text: str | None = None
    error: str | None = None
