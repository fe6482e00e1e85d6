"""Alias of 1.x, for services written for it: `kodosumi.response`."""

from kodosumi.sdk.responses import HTML, Markdown, Text

__all__ = ["HTML", "Markdown", "Text"]
