"""`python -m tests.bench`: measure, print, and keep the results of the day."""

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from typing import NoReturn

from tests.bench import peer_install
from tests.bench.house import House
from tests.bench.peer import Peer
from tests.bench.product import Product
from tests.bench.report import say, today
from tests.bench.rows import FAMILIES, Family
from tests.bench.running import run
from tests.bench.table import DOCS, remarks, table, write_docs

TOO, ONLY = "too", "only"


def main() -> None:
    """Measure the wanted rows, on this checkout and, if asked for, on its peer."""
    wanted = _options()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    if wanted.peer:
        try:
            peer_install.python()
        except peer_install.NoPythonError as error:
            sys.exit(str(error))
    if wanted.docs:
        say(f"the figures of {write_docs()} are in {DOCS}")
        return
    chosen = [each for each in FAMILIES if not wanted.rows or wanted.rows & {*each.rows}]
    for product, families in _runs(chosen, wanted.peer):
        run(product, families, short=wanted.short)
    told = json.loads(today(short=wanted.short).read_text())
    say("\n".join(["", *table(told), "", *remarks(told)]))


def _runs(chosen: list[Family], peer: str) -> Iterator[tuple[Product, list[Family]]]:
    """Yield each product with what is measured on it, one made when the one before has ended."""
    if peer != ONLY:
        for apart in (False, True):
            if families := [each for each in chosen if each.apart is apart]:
                yield House(apart=apart), families
    if peer:
        yield Peer(), chosen


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=_rows, default=set(), help='such as "1 3 4"; all without')
    parser.add_argument("--short", action="store_true", help="few repetitions")
    parser.add_argument(
        "--peer", nargs="?", const=TOO, choices=(TOO, ONLY), help="kodosumi 1.1.0 too, or only"
    )
    parser.add_argument(
        "--docs", action="store_true", help="measure nothing: put the newest figures in docs"
    )
    return parser.parse_args()


def _rows(text: str) -> set[int]:
    return {int(word) for word in text.replace(",", " ").split()}


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
