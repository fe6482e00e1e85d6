"""Results as a table on the terminal, and as JSON that later runs of the day are merged into."""

import json
import math
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.results import Result
from tests.live import ROOT

FOLDER = ROOT / ".bench"


def today(*, short: bool) -> Path:
    """Return the file of today's results; short ones are kept apart."""
    return FOLDER / f"{'short' if short else 'results'}-{time.strftime('%Y-%m-%d')}.json"


def machine() -> dict[str, Any]:
    """Tell what this machine is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "processor": _processor(),
        "system": platform.platform(),
    }


def merge(path: Path, product: str, versions: dict[str, str], results: list[Result]) -> None:
    """Put `results` into the file, in place of older ones of the same rows and product."""
    told: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    told["machine"] = machine()
    told.setdefault("versions", {})[product] = versions
    for result in results:
        known = {name: v for name, v in result.figures.items() if not math.isnan(v)}
        row = told.setdefault("rows", {}).setdefault(str(result.row), {})
        row[product] = {**asdict(result), "figures": known}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(told, indent=2) + "\n")


def say(text: str) -> None:
    """Write to the terminal at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def show(product: str, result: Result) -> str:
    """Return a row as text for the terminal."""
    failed = f"FAILED: {result.faults}" if result.faults else ""
    head = f"row {result.row} · {product} · load {result.load:g} · {result.seconds:g} s"
    lines = [" · ".join(filter(None, (head, failed)))]
    lines += [f"  {name:<44}{number(value):>12}" for name, value in result.figures.items()]
    lines += [f"  not measured: {result.missing}"] if result.missing else []
    return "\n".join(lines)


def number(value: float) -> str:
    """Return a figure with as many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
