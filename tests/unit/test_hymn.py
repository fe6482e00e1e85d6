"""The form of the hymn service, without its crew."""

import sys
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.hymn.endpoint import MISSING, Endpoint, endpoint

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of Ray Serve's own modules
    from apps.hymn import app as hymn

TOPIC = {"topic": "the first snow", "language": "German", "stanzas": "2"}


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working folder, and nothing set."""
    for name in ("OPENAI_API_KEY", "OPENAI_API_BASE", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was handed to Launch."""
    calls: list[tuple[Any, ...]] = []

    def launch(_: object, *args: Any, **__: Any) -> hymn.JSONResponse:
        calls.append(args)
        return hymn.JSONResponse({"fid": "f1"}, headers={"kodosumi_launch": "f1"})

    monkeypatch.setattr(hymn, "Launch", launch)
    return calls


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(hymn.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hymn") as client:
        yield client


async def shown(client: httpx.AsyncClient) -> str:
    return str((await client.get("/")).json()["elements"])


async def sent(client: httpx.AsyncClient, **changed: str) -> dict[str, Any]:
    return (await client.post("/", json=TOPIC | changed)).json()


async def test_without_a_key_it_says_what_to_set_and_starts_nothing(
    client: httpx.AsyncClient, launched: list[tuple[Any, ...]], folder: Path
) -> None:
    assert MISSING in await shown(client)
    answer = await sent(client)
    assert answer["errors"]["_global_"] == [MISSING]
    assert "the first snow" in str(answer["elements"])
    assert launched == []
    (folder / ".env").write_text("OPENAI_API_KEY=secret")
    assert MISSING not in await shown(client)
    assert (await sent(client))["result"] == "f1"


async def test_with_a_key_the_crew_gets_the_inputs(
    client: httpx.AsyncClient, launched: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    await sent(client)
    inputs = {"topic": "the first snow", "language": "German", "stanzas": 2}
    assert launched == [("apps.hymn.crew:crew", inputs)]
    assert "crewai" not in sys.modules


async def test_wrong_inputs_are_told_beside_their_fields(
    client: httpx.AsyncClient, launched: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    answer = await sent(client, topic="  ")
    assert answer["errors"]["topic"] == ["Name a topic."]
    answer = await sent(client, stanzas="99", language="Klingon")
    assert set(answer["errors"]) == {"stanzas", "language", "_global_"}
    assert launched == []


def test_the_environment_comes_before_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("OPENAI_API_KEY=file\nOPENAI_API_BASE=http://x/v1\n")
    monkeypatch.setenv("OPENAI_API_KEY", "environment")
    assert endpoint() == Endpoint("environment", "http://x/v1", "gpt-4.1-mini")
