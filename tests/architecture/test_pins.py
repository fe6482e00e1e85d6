"""The pins are by hash, name no address, and agree with pyproject.toml."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tree import ROOT

SETS = ("build", "run", "dev")
PIN = re.compile(r"^([\w.\[\]-]+)==([\w.+!]+)", re.MULTILINE)


def text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in PIN.findall(text(name)):
        found.setdefault(canonicalize_name(package.split("[")[0]), set()).add(version)
    return found


def wanted(name: str) -> list[Requirement]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    if name == "run":
        return [Requirement(line) for line in config["project"]["dependencies"]]
    groups = config["dependency-groups"]
    names = ["dev", "test", "check"] if name == "dev" else [name]
    lines = [line for group in names for line in groups[group] if isinstance(line, str)]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", SETS)
def test_pins_hold_hashes_and_no_addresses(name: str) -> None:
    content = text(name)
    assert "://" not in content
    assert "index-url" not in content
    assert content.count("==") <= content.count("--hash=sha256:")


@pytest.mark.parametrize("name", SETS)
def test_pins_agree_with_pyproject(name: str) -> None:
    have = pins(name)
    for requirement in wanted(name):
        versions = have.get(canonicalize_name(requirement.name), set())
        fits = versions and all(requirement.specifier.contains(each) for each in versions)
        assert fits, f"{requirement} is not met by requirements/{name}.txt: run make lock"


def test_sets_agree_with_each_other() -> None:
    merged: dict[str, set[str]] = {}
    for name in SETS:
        for package, versions in pins(name).items():
            assert merged.setdefault(package, versions) == versions, package
