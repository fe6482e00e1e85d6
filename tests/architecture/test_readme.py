"""What the README says is so."""

import re
from types import ModuleType

import httpx
import pytest
from tree import ROOT

from kodosumi.settings import Settings

README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
COMMAND = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)
ROW = re.compile(r"^\| `(KODO_\w+)` \|", re.MULTILINE)


@pytest.fixture(scope="module")
def example() -> ModuleType:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code
    module = ModuleType("greeting")
    exec(code.group(1), vars(module))
    return module


@pytest.fixture
def browse(example: ModuleType) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(example.app), base_url="http://example")


def test_table_lists_all_settings() -> None:
    prefix = Settings.model_config["env_prefix"]
    wanted = {
        str(field.validation_alias or f"{prefix}{name}".upper())
        for name, field in Settings.model_fields.items()
    }
    assert set(ROW.findall(README)) == wanted


def test_commands_exist() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(COMMAND.findall(README + CONTRIBUTING)) <= set(targets)


async def test_example_shows_its_form(browse: httpx.AsyncClient) -> None:
    answer = (await browse.get("/")).json()
    assert [each["type"] for each in answer["elements"]][:2] == ["markdown", "text"]


async def test_example_refuses_a_long_name(browse: httpx.AsyncClient) -> None:
    answer = (await browse.post("/", json={"name": "x" * 81})).json()
    assert answer["errors"]["name"] == ["At most 80 letters, please."]
