"""Results that carry their own way of being shown."""

from pydantic import BaseModel


class Markdown(BaseModel):
    """Text in Markdown."""

    body: str

    def __init__(self, body: str) -> None:
        super().__init__(body=body)


class HTML(BaseModel):
    """HTML; the panel cleans it of scripts and styles."""

    body: str

    def __init__(self, body: str) -> None:
        super().__init__(body=body)


class Text(BaseModel):
    """Plain text, shown as it is."""

    body: str

    def __init__(self, body: str) -> None:
        super().__init__(body=body)
