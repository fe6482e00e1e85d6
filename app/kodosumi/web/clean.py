"""Foreign text made safe: Markdown and HTML of authors, agents and users."""

import re

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_LANGUAGE = re.compile(r"language-[\w+#.-]+")
_CLASSES = {"code": {"class"}}
_ATTRIBUTES = {
    tag: (set(names) | _CLASSES.get(tag, set())) - {"style"}
    for tag, names in (nh3.ALLOWED_ATTRIBUTES | {"code": set[str]()}).items()
}
"""Nothing that scripts, styles or htmx react to: no on*, style, id, hx-* or data-*."""


def markdown(text: str) -> Markup:
    """Return CommonMark with tables as clean HTML; HTML within the text is shown, not used."""
    return clean_html(_MARKDOWN.render(text))


def clean_html(text: str) -> Markup:
    """Return `text` with the tags and attributes of plain documents only."""
    cleaned = nh3.clean(
        text,
        attributes=_ATTRIBUTES,
        attribute_filter=_without_our_classes,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    return Markup(cleaned)  # noqa: S704 - this is the place that makes it safe


def _without_our_classes(_tag: str, name: str, value: str) -> str | None:
    return value if name != "class" or _LANGUAGE.fullmatch(value) else None
