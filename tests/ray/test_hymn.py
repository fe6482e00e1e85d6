"""The real CrewAI runs the hymn crew, in the environment that apps/config.yaml gives it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from kodosumi.wire import agents
from kodosumi.wire.events import load
from tests.services.openai_server import OpenAIServer, Refusal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
HYMN = "# Erster Schnee\n\nStill liegt das Land,  \nweiß liegt der Weg."
ANSWERS = {"Hymn writer": "Schnee, ein Entwurf", "Hymn editor": HYMN}


def packages() -> list[str]:
    config = yaml.safe_load((ROOT / "apps/config.yaml").read_text())
    hymn = next(app for app in config["applications"] if app["name"] == "hymn")
    return hymn["runtime_env"]["uv"]["packages"]


@pytest.fixture(scope="module")
def python(pytestconfig: pytest.Config) -> str:
    """A Python with what the service has on Ray; kept between runs."""
    folder = pytestconfig.cache.mkdir("hymn")
    uv = [sys.executable, "-m", "uv"]
    name = folder / "bin/python"
    if not name.exists():
        subprocess.run([*uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    install = [*uv, "pip", "install", "-q", "--python", name, "--editable", ROOT, *packages()]
    subprocess.run(install, check=True)
    return str(name)


def sing(python: str, server: OpenAIServer, home: Path) -> tuple[list[dict[str, Any]], Any]:
    """Run the crew; return its events, and what came out."""
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "OPENAI_API_KEY": "secret"}
    done = subprocess.run(
        [python, ROOT / "tests/ray/sing.py"],
        env=environment | {"OPENAI_API_BASE": server.base_url},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"')]
    assert lines, done.stderr
    *events, end = map(json.loads, lines)
    return events, end


def test_two_agents_write_a_hymn(python: str, tmp_path: Path) -> None:
    with OpenAIServer(ANSWERS) as server:
        events, end = sing(python, server, tmp_path)

    assert end["outcome"]["CrewOutput"]["raw"] == HYMN
    assert [call.stream for call in server.calls] == [True, True]
    assert end["hosts"] in ([], ["127.0.0.1"])
    told = [pair for e in events if e["kind"] == "agent" for pair in e["payload"].items()]
    turn = ["Step", "LLMCall", "Step", "TaskOutput"]
    assert [name for name, _ in told] == ["Agent"] * 2 + ["Task"] * 2 + turn * 2
    for name, fields in told:
        assert set(fields) == set(getattr(agents, name).model_fields)
    assert "the first snow" in told[0][1]["goal"]
    assert [f["raw"] for name, f in told if name == "TaskOutput"] == list(ANSWERS.values())
    usage = [load("usage", json.dumps(e["payload"])) for e in events if e["kind"] == "usage"]
    spent = sum(u.input_tokens for u in usage), sum(u.output_tokens for u in usage)
    assert spent == server.tokens


def test_a_refused_key_is_told_as_it_is(python: str, tmp_path: Path) -> None:
    with OpenAIServer(lambda _: Refusal(401, "this key is wrong")) as server:
        events, end = sing(python, server, tmp_path)

    assert "this key is wrong" in end["outcome"]["AuthenticationError"]
    assert not [e for e in events if e["kind"] == "usage"]
