"""What a job may do to its process. It prints while it is imported."""

import gc
import json
import locale
import logging
import os
import subprocess
import sys
import threading
import warnings
from pathlib import Path

STATE: dict[str, int] = {}

print("a print of the import")  # noqa: T201
warnings.warn("a warning of the import", stacklevel=1)
logging.getLogger("spoiling").warning("the logger of the import")


def look(inputs):
    """Return what there is to see of the process."""
    print("looking")  # noqa: T201
    return {
        "environment": os.environ.get("SPOILT"),
        "folder": str(Path.cwd()),
        "umask": _umask(),
        "module": STATE,
        "library": getattr(json, "spoilt", None),
        "path": [each for each in sys.path if "spoilt" in each],
        "modules": "spoilt" in sys.modules,
        "locale": locale.setlocale(locale.LC_CTYPE),
        "threads": sorted(t.name for t in threading.enumerate() if "spoilt" in t.name),
        "logging": len(logging.getLogger().handlers),
        "recursion": sys.getrecursionlimit(),
        "collector": gc.isenabled(),
        "streams": [type(sys.stdout).__name__, type(sys.stderr).__name__],
    }


def spoil(inputs):
    """Spoil all of it."""
    os.environ["SPOILT"] = "yes"
    os.chdir("/")
    os.umask(0o777)
    STATE["spoilt"] = 1
    json.spoilt = 1  # type: ignore[attr-defined]
    sys.path.insert(0, "/spoilt")
    sys.modules["spoilt"] = json
    locale.setlocale(locale.LC_CTYPE, "C")
    threading.Thread(target=threading.Event().wait, name="spoilt").start()
    subprocess.Popen(["sleep", "1"])
    logging.getLogger().addHandler(logging.NullHandler())
    sys.setrecursionlimit(20_000)
    gc.disable()
    sys.stdout = sys.stderr
    return os.getpid()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
