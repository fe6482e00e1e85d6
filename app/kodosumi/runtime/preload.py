"""An author's module, imported before a job asks for it."""

import importlib
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


class Preloaded:
    """A module and what it imports, and the files that they are made of.

    Installed packages do not change under a running program; files of the author may, and a runner
    that is started for a job would take them as they are then.

    Raises:
        BaseException: whatever importing the module raises.
    """

    def __init__(self, module: str) -> None:
        before = set(sys.modules)
        if module:
            importlib.import_module(module)
        self._files = {file: _changed_at(file) for file in _files(set(sys.modules) - before)}

    @property
    def current(self) -> bool:
        """True as long as no file of it was changed."""
        return all(_changed_at(file) == at for file, at in self._files.items())


def _files(modules: set[str]) -> set[str]:
    files = (getattr(sys.modules.get(name), "__file__", None) for name in modules)
    return {file for file in files if file and not file.startswith(_INSTALLED)}


def _changed_at(file: str) -> int | None:
    with suppress(OSError):
        return Path(file).stat().st_mtime_ns
    return None
