"""The hymn service on Serve in an environment of its own, from its form to the hymn on the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.live import APPS, Live, Visitor
from tests.services.openai_server import OpenAIServer

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(900)]

CONFIG = Path(__file__).parents[2] / "apps/config.yaml"
HYMN = "# First snow\n\nThe land lies still,  \nand white the road."
ANSWERS = {"Hymn writer": "A draft about snow", "Hymn editor": HYMN}


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(ANSWERS) as server:
        yield server


@pytest.fixture
def hymn(live: Live, server: OpenAIServer) -> None:
    """Deploy the service as apps/config.yaml says, with its language model on this machine."""
    config = yaml.safe_load(CONFIG.read_text())
    app = next(app for app in config["applications"] if app["name"] == "hymn")
    model = {"OPENAI_API_KEY": "secret", "OPENAI_API_BASE": server.base_url}
    app["runtime_env"]["env_vars"] = model
    live.deploy(APPS, app)


def test_a_crew_writes_a_hymn_and_its_steps_are_on_the_page(
    hymn: None, admin: Visitor, server: OpenAIServer
) -> None:
    job = admin.launch("Hymn", topic="the first snow", language="English", stanzas="2")
    told = admin.wait_for(job, "finished", "error")
    assert told["status"] == "finished", told["error"]
    assert told["final"]["CrewOutput"]["raw"] == HYMN
    assert [call.stream for call in server.calls] == [True, True]
    page = admin.http.get(f"/jobs/{job}").text
    assert "<h1>First snow</h1>" in page
    assert "and white the road." in page
    log = admin.http.get(f"/jobs/{job}?tab=log").text
    for agent in ANSWERS:
        assert agent in log
    assert "A draft about snow" in log
    kinds = [event["kind"] for event in admin.events(job)]
    assert kinds.count("usage") == 2
