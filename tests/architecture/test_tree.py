"""Nothing in the tree ties it to one machine or one place to fetch from."""

import re

import pytest
from tree import files, name

REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|npmjs-cdn|deb\.debian|debian)\.(?:org|com)\b")
HOME = re.compile(r"(?<![\w./-])/(?:work|root|Users|home)/(?!app\b)\w")


def found(pattern: re.Pattern[str]) -> list[str]:
    hits = []
    for path in files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        hits += [f"{name(path)}: {hit.group()}" for hit in pattern.finditer(text)]
    return hits


@pytest.mark.parametrize("pattern", [REGISTRY, HOME], ids=["registry", "machine"])
def test_tree_names_no(pattern: re.Pattern[str]) -> None:
    assert found(pattern) == []


def test_shell_scripts_parse_and_stop_at_errors() -> None:
    loose = [name(path) for path in files("*.sh") if "set -eu" not in path.read_text()]
    assert loose == []
