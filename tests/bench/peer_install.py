"""Installs the peer, kodosumi 1.1.0, in an environment of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from uv import find_uv_bin

from tests.bench.report import FOLDER, say

WANTED = "kodosumi==1.1.0"
HOME = FOLDER / "peer"


class NoPythonError(Exception):
    """There is no Python that the peer runs on."""


def python() -> Path:
    """Return the peer's interpreter; it is installed when it is not there yet.

    Raises:
        NoPythonError: this machine has no Python 3.12, which 1.1.0 wants.
        subprocess.CalledProcessError: the installation failed.
    """
    found = HOME / "bin" / "python"
    stamp = HOME / "installed"
    if not stamp.exists():
        _install(found)
        stamp.write_text(WANTED)
    return found


def _install(target: Path) -> None:
    base = next((each for each in _candidates() if _fits(each)), None)
    if base is None:
        msg = (
            "PEER=1 needs Python 3.12, which kodosumi 1.1.0 runs on; there is none on this machine"
        )
        raise NoPythonError(msg)
    say(f"installing {WANTED} for {base} (a minute or two)")
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", base, HOME], check=True)
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", target, WANTED]
    subprocess.run(install, check=True)
    # 1.1.0 reads the first .env on the way up from its own files: not that of this checkout.
    (HOME / ".env").touch()


def _candidates() -> Iterator[Path]:
    if found := shutil.which("python3.12"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob("versions/3.12*/bin/python3.12"), reverse=True)


def _fits(candidate: Path) -> bool:
    """Tell whether it is one: what pyenv puts in the path may only be a note that there is one."""
    test = [candidate, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 12))"]
    return subprocess.run(test, capture_output=True, check=False).returncode == 0
