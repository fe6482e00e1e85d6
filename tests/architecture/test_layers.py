"""The import contracts of pyproject.toml hold."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tree import ROOT

DOORS = ("core", "serve", "response")


def contracts() -> dict[str, dict]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {each["id"]: each for each in config["tool"]["importlinter"]["contracts"]}


def test_contracts_are_kept() -> None:
    lint = shutil.which("lint-imports", path=Path(sys.executable).parent)
    assert lint, "import-linter is not installed: make check"
    done = subprocess.run(
        [lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_contract_has_an_exception() -> None:
    loose = [key for key, each in contracts().items() if each.get("ignore_imports")]
    assert loose == []


def test_every_module_at_the_top_is_under_a_contract() -> None:
    top = {path.stem for path in (ROOT / "app/kodosumi").iterdir() if not path.name.startswith("_")}
    top -= {"py"}
    free_of_ray = set(contracts()["ray"]["source_modules"])
    may_use_ray = {"kodosumi.runtime", "kodosumi.cluster"}
    others = {f"kodosumi.{name}" for name in top} - may_use_ray
    by_panel = set(contracts()["panel-and-ports"]["source_modules"])
    assert others == free_of_ray | by_panel


def test_the_authors_doors_are_under_the_authors_contract() -> None:
    sources = contracts()["author-side"]["source_modules"]
    assert {f"kodosumi.{door}" for door in DOORS} <= set(sources)
