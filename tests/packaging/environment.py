"""An environment away from the checkout, and commands in it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Run a command without the checkout in its environment and give what it printed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PY", "KODO"))}
    kept.pop("VIRTUAL_ENV", None)
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it."""

    venv: Path
    home: Path

    def call(self, command: str, *arguments: str, **env: str) -> str:
        """Run a command of the environment in an empty folder."""
        return run(self.venv / "bin" / command, *arguments, cwd=self.home, **env)

    def python(self, code: str) -> str:
        """Run a line of Python."""
        return self.call("python", "-c", code)
