"""Door for authors: what an entry point returns or traces to say how it is shown."""

from kodosumi.sdk.responses import HTML, Markdown, Text

__all__ = ["HTML", "Markdown", "Text"]
