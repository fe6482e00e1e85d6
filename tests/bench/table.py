"""The results of a day as a Markdown table, for the terminal and for docs/benchmarks.md."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.bench.goals import HEADLINES, Headline, Told
from tests.bench.report import FOLDER, number
from tests.live import ROOT

DOCS = ROOT / "docs" / "benchmarks.md"
_FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL)
_WORDS = {True: "met", False: "**missed**", None: ""}


def write_docs() -> Path:
    """Put the newest results into docs/benchmarks.md; return the file that they are from."""
    newest = max(FOLDER.glob("results-*.json"))
    told = json.loads(newest.read_text())
    text = DOCS.read_text()
    figures = "\n".join(figures_of(told, newest.stem.removeprefix("results-")))
    DOCS.write_text(_FIGURES.sub(lambda _: f"\n{figures}\n\n", text))
    return newest


def figures_of(told: Told, day: str) -> Iterator[str]:
    """Yield the lines of the table, what it was measured on, and what is to be said of it."""
    yield f"Measured {day} on {_machine(told)}."
    yield ""
    yield from table(told)
    yield ""
    yield from remarks(told)


def table(told: Told) -> Iterator[str]:
    """Yield the table."""
    yield "| # | what | kodosumi | 1.1.0 | better | goal | |"
    yield "|---|---|---:|---:|---:|---|---|"
    for line in HEADLINES:
        ours, theirs = line.of(told, "kodosumi"), line.of(told, "peer")
        if ours is not None or theirs is not None:
            goal, met = _goal(line, told), _WORDS[line.met(told)]
            shown = [_shown(ours), _shown(theirs), _better(line, ours, theirs), goal, met]
            yield f"| {line.row} | {line.words} | {' | '.join(shown)} |"


def remarks(told: Told) -> Iterator[str]:
    """Yield what was lost, what was not measured, and the load at that time."""
    for row, products in sorted(told.get("rows", {}).items(), key=lambda item: int(item[0])):
        for product, result in products.items():
            said = [f"load {result['load']:g}"]
            said += [f"**failed**: {result['faults']}"] if result["faults"] else []
            said += [f"not measured: {result['missing']}"] if result["missing"] else []
            yield f"- Row {row}, {_name(product)}: {'; '.join(said)}."


def _machine(told: Told) -> str:
    machine = told["machine"]
    parts = [
        f"{_name(product)} ({', '.join(f'{part} {v}' for part, v in versions.items() if v)})"
        for product, versions in told["versions"].items()
    ]
    where = f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB"
    return f"{where}: {'; '.join(parts)}"


def _name(product: str) -> str:
    return "1.1.0" if product == "peer" else product


def _shown(value: float | None) -> str:
    return "-" if value is None else number(value)


def _better(line: Headline, ours: float | None, theirs: float | None) -> str:
    """Return by which factor ours is the better figure; below 1 it is the worse one."""
    if not ours or not theirs:
        return ""
    return f"{number(ours / theirs if line.least is not None else theirs / ours)} x"


def _goal(line: Headline, told: Told) -> str:
    limit = line.limit(told)
    if limit is None:
        return ""
    sign = ">=" if line.least is not None else "<="
    return f"{sign} {limit:,.0f}" if limit >= 10 or limit == int(limit) else f"{sign} {limit:.1f}"
