"""The wheel, and an environment of its own that holds it and the pinned packages."""

import sys
from pathlib import Path

import pytest
from environment import ROOT, Installed, run

UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = ("build", "--wheel", "--no-build-isolation", "--python", sys.executable)
    run(UV, *build, "--out-dir", out, ROOT, cwd=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    venv = tmp_path_factory.mktemp("venv")
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=venv)
    into = ("--python", venv / "bin/python")
    run(UV, "pip", "sync", *into, "--require-hashes", ROOT / "requirements/run.txt", cwd=venv)
    run(UV, "pip", "install", *into, "--no-deps", wheel, cwd=venv)
    return Installed(venv, tmp_path_factory.mktemp("home"))
