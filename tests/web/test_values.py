"""Foreign values and texts as HTML: readable, and harmless."""

import re

import pytest
from panel import shared_renderer

from kodosumi import paths
from kodosumi.domain.jobs.models import JobEvent
from kodosumi.sdk.responses import HTML, Markdown, Text
from kodosumi.web import ansi
from kodosumi.web.clean import clean_html, markdown
from kodosumi.web.lines import full_text, line_of, plain
from kodosumi.wire.codec import pack
from kodosumi.wire.events import Kind, load

CORPUS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<div hx-get='/logout' hx-trigger='load'>x</div>",
    "<div data-hx-post='/jobs' hx-on:click='x()'>x</div>",
    "<hx-partial hx-target='#job-head'>gone</hx-partial>",
    "<template hx type='partial' hx-target='#main'>gone</template>",
    "<p style='position:fixed' id='job-head' class='button' onclick='x()'>x</p>",
    "<iframe src='//evil.test'></iframe><object data=x></object><embed src=x>",
    "<form action='/jobs' method=post><input name=_csrf><button>x</button></form>",
    "<base href='//evil.test'><meta http-equiv=refresh content=0><link rel=stylesheet href=x>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "[x](javascript:alert(1)) ![x](javascript:alert(1)) <javascript:alert(1)>",
    "<title>gone</title><body hx-boost=true>",
)
BAD = re.compile(
    r"<(?!/?(?:p|a|b|i|em|strong|code|pre|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td|br|hr|img|div"
    r"|span|blockquote|details|summary|del|s|dl|dt|dd)\b)[a-z/]|<[^>]*\s(?:on\w+|hx-|data-hx|style)="
    r"|<[^>]*(?:javascript|data):|<template|<hx-",
    re.IGNORECASE,
)


def shown(value: object) -> str:
    return shared_renderer(paths.TEMPLATES).show(load(Kind.RESULT, pack(value)))


@pytest.mark.parametrize("text", CORPUS)
@pytest.mark.parametrize(
    "wrap", [Markdown, HTML, Text, str, list, dict], ids=lambda wrap: wrap.__name__
)
def test_nothing_foreign_acts(wrap: type, text: str) -> None:
    made = {
        Markdown: lambda: Markdown(body=text),
        HTML: lambda: HTML(body=text),
        Text: lambda: Text(body=text),
        str: lambda: text,
        list: lambda: [text, [text]],
        dict: lambda: {text: {text: text}},
    }[wrap]()
    assert not BAD.search(shown(made)), shown(made)


@pytest.mark.parametrize("text", CORPUS)
def test_markdown_and_html_are_cleaned(text: str) -> None:
    assert not BAD.search(markdown(text))
    assert not BAD.search(clean_html(text))


def test_documents_stay_documents() -> None:
    html = markdown(
        "# T\n\n| a | b |\n|--:|---|\n| 1 | 2 |\n\n~~x~~ [l](https://a.test)\n\n```py\nx\n```"
    )
    for part in ("<h1>T</h1>", "<td>1</td>", "https://a.test", 'class="language-py"'):
        assert part in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("one\ntwo", ["one\ntwo"]),
        (7, ["7"]),
        (True, ["yes"]),
        (None, ["none"]),
        ([], ["empty"]),
        ([1, {"a": None}], ["<th", "1", "a", "none"]),
        ({"n": list(range(300))}, ["<details", "300 items", "100 more"]),
        (Markdown(body="*x*"), ["<em>x</em>"]),
        (Text(body="*x*"), ["*x*", "<pre"]),
        (object(), ["not serialisable"]),
    ],
)
def test_types_have_their_own_look(value: object, parts: list[str]) -> None:
    html = shown(value)
    for part in parts:
        assert part in html


def test_a_crews_output_is_its_text() -> None:
    html = shared_renderer(paths.TEMPLATES).show({"CrewOutput": {"raw": "## Hymn", "tasks": []}})
    assert "<h2>Hymn</h2>" in html


@pytest.mark.parametrize("name", ["Text", "text", "Markdown", "HTML", "CrewOutput", "str"])
@pytest.mark.parametrize("body", [{"content": "kept"}, {"body": ["kept"], "raw": 1}, ["kept"]])
def test_foreign_types_may_have_the_name_of_ours(name: str, body: object) -> None:
    assert "kept" in shared_renderer(paths.TEMPLATES).show({name: body})


def test_classes_of_the_panel_are_not_lent() -> None:
    html = clean_html('<code class="language-py">a</code><code class="toasts language-py">b</code>')
    assert html == '<code class="language-py">a</code><code>b</code>'


@pytest.mark.parametrize(("done", "total"), [(1e308, 1e-308), (-1.0, 3.0), (5.0, 3.0), (1.0, 0.0)])
def test_any_progress_is_shown(done: float, total: float) -> None:
    ui = shared_renderer(paths.TEMPLATES).env.globals["ui"]
    assert "<progress" in ui.progress(done, total)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (Kind.STEP, '{"id": "1", "name": "s", "seconds": 1e999}'),
        (Kind.AGENT, '{"Step": {"seconds": 1e999}}'),
        (Kind.AGENT, '{"ToolCall": {"args": 1e999}}'),
        (Kind.PROGRESS, '{"done": 1e999, "total": 1e-300}'),
        (Kind.RESULT, '{"float": 1e999}'),
    ],
)
def test_figures_without_end_are_shown(kind: Kind, payload: str) -> None:
    event = JobEvent(seq=1, at=0.0, kind=kind, payload=payload)
    assert line_of(event).text
    assert full_text(event)


def test_deep_values_end() -> None:
    value: object = "core"
    for _ in range(60):
        value = [value]
    assert len(shown(value)) < 10_000


def test_values_as_text() -> None:
    assert plain({"Markdown": {"body": "# x"}}) == "# x"
    assert plain({"dict": {"a": "ä"}}) == '{"a": "ä"}'
    assert plain({"NoneType": None}) == "null"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x1b\\", "link"),
        ("10%\r50%\r100%", "100%"),
        ("done\r", "done"),
        ("a\x00b\x07\tc\n", "ab\tc\n"),
        ("\x1b(B\x1b[?25lx\x1b", "x"),
        ("plain <b>", "plain <b>"),
    ],
)
def test_terminal_codes_are_taken_out(raw: str, text: str) -> None:
    assert ansi.strip(raw) == text
