"""The primitives: fields of every type, icons, styles, scripts, words."""

import re
from pathlib import Path

import pytest

from kodosumi import paths
from kodosumi.sdk import forms as f
from kodosumi.web import assets, words
from kodosumi.web.pages.styleguide import sample_form
from kodosumi.web.render import Renderer
from kodosumi.wire.states import JobStatus

HOSTILE = "\"'><script>x</script><img src=x onerror=x>"
TEMPLATES = sorted(paths.TEMPLATES.rglob("*.html"))
OWN_SCRIPTS = [p for p in (paths.STATIC / "js").glob("*.js") if ".min." not in p.name]


@pytest.fixture(scope="module")
def env():
    return Renderer(paths.TEMPLATES).env


@pytest.fixture
def draw(env):
    def element(el, value=None, errors=None):
        return str(env.globals["forms"].element(el.to_dict(), value, errors))

    return element


def test_the_sample_form_has_every_type(draw):
    concrete = {c.type for c in vars(f).values() if isinstance(c, type) and "type" in vars(c)}
    assert {el["type"] for el in sample_form()} == concrete - {"option"}


@pytest.mark.parametrize("data", sample_form(), ids=lambda data: data["type"])
def test_foreign_texts_do_no_harm(env, data):
    hostile = {k: HOSTILE if isinstance(v, str) and k != "type" else v for k, v in data.items()}
    if "option" in hostile and data["type"] != "boolean":
        hostile["option"] = [{"name": HOSTILE, "label": HOSTILE, "value": False}]
    drawn = str(env.globals["forms"].element(hostile, HOSTILE, [HOSTILE]))
    assert "<script" not in drawn
    assert not re.search(r"<img[^>]*onerror", drawn)


def test_a_message_belongs_to_its_field(draw):
    drawn = draw(f.InputNumber("limit", "Limit", value=3), "abc", ["Not a number."])
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="f-limit-error"' in drawn
    assert 'id="f-limit-error"' in drawn
    assert 'value="abc"' in drawn


def test_what_was_entered_wins_over_what_was_proposed(draw):
    options = [f.InputOption("a", "A", value=True), f.InputOption("b", "B")]
    assert re.findall(r'value="(\w)" selected', draw(f.Select("s", options))) == ["a"]
    assert re.findall(r'value="(\w)" selected', draw(f.Select("s", options), "b")) == ["b"]
    assert "checked" not in draw(f.Checkbox("c", "Yes", value=True), value=False)
    assert "checked" in draw(f.Checkbox("c", "Yes", value=True))


def test_a_password_is_never_sent_back(draw):
    assert "s3cret" not in draw(f.InputPassword("p", "Password", value="s3cret"), "s3cret")


def test_the_browser_may_check_what_the_server_will(draw):
    drawn = draw(f.InputDate("d", required=True, min_date="2026-01-01", max_date="2026-12-31"))
    assert ' required min="2026-01-01" max="2026-12-31"' in drawn


def test_a_leading_line_break_of_a_text_survives(draw):
    assert ">\n\nfirst" in draw(f.InputArea("a", value="\nfirst"))


@pytest.mark.parametrize("status", JobStatus)
def test_each_status_has_a_colour_and_an_icon(env, status):
    assert f'[data-status="{status}"]' in assets.styles()
    drawn = str(env.globals["ui"].chip(status))
    assert f'data-status="{status}"' in drawn
    assert re.search(r"#([\w-]+)\"", drawn)[1] in icons()


def test_each_icon_is_in_the_sprite():
    named = re.compile(r"""icon(?:="|\("|=")([a-z0-9-]+)""")
    used = {name for path in TEMPLATES for name in named.findall(path.read_text())}
    assert used
    assert used <= icons()


def icons():
    return set(re.findall(r'<symbol id="([\w-]+)"', (paths.STATIC / "icons.svg").read_text()))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_keep_to_the_content_security_policy(path):
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:|hx-on", path.read_text())


def test_the_style_sheet_is_whole():
    sent = assets.styles()
    assert "@import" not in sent
    files = [p for p in (paths.STATIC / "css").rglob("*.css") if p.name != "main.css"]
    assert all(file.read_text() in sent for file in files)
    assert len(sent) < 40_000


def test_an_address_changes_with_the_content(tmp_path, monkeypatch):
    (tmp_path / "css").mkdir()
    part = tmp_path / "css" / "base.css"
    (tmp_path / assets.STYLES).write_text('@import "base.css" layer(base);')
    monkeypatch.setattr(paths, "STATIC", tmp_path)
    part.write_text("a {}")
    first = assets.digest(assets.STYLES)
    assert assets.styles() == "@layer base {\na {}}"
    part.write_text("b {}")
    assert assets.digest(assets.STYLES) != first


def test_own_scripts_stay_small():
    assert sum(path.stat().st_size for path in OWN_SCRIPTS) <= 15_000


def test_vendored_files_carry_version_and_licence():
    vendored = {p.name for p in (paths.STATIC / "js").glob("*.min.js")}
    assert vendored == {"htmx-4.0.1.min.js", "hx-sse-4.0.1.min.js"}
    assert Path(paths.STATIC / "js" / "htmx.LICENSE").exists()
    assert Path(paths.STATIC / "icons.LICENSE").exists()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.96, "10.0 s"), (42.9, "42 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_lengths_of_time_in_words(seconds, said):
    assert words.span(seconds) == said


@pytest.mark.parametrize(
    ("age", "said"),
    [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (7300, "2 h ago"), (90_000, "1 d ago")],
)
def test_moments_in_words(age, said):
    assert words.ago(1_000_000_000 - age, 1_000_000_000) == said
