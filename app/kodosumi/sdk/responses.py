"""Results that carry their own way of being shown."""

from pydantic import BaseModel


class _Body(BaseModel):
    body: str

    def __init__(self, body: str) -> None:
        super().__init__(body=body)


class Markdown(_Body):
    """Text in Markdown."""


class HTML(_Body):
    """HTML; the panel cleans it of scripts and styles."""


class Text(_Body):
    """Plain text, shown as it is."""
