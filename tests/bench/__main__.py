"""`python -m tests.bench`: measure, print, and keep the results of the day."""

import argparse
import signal
import sys
from typing import NoReturn

from tests.bench.house import House
from tests.bench.rows import FAMILIES
from tests.bench.running import run


def main() -> None:
    """Measure the wanted rows, on this checkout and, if asked for, on its peer."""
    wanted = _options()
    signal.signal(signal.SIGTERM, _end)
    families = [each for each in FAMILIES if not wanted.rows or wanted.rows & {*each.rows}]
    together = [each for each in families if not each.apart]
    apart = [each for each in families if each.apart]
    if together:
        run(House(), together, short=wanted.short)
    if apart:
        run(House(apart=True), apart, short=wanted.short)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=_rows, default=set(), help='such as "1 3 4"; all without')
    parser.add_argument("--short", action="store_true", help="few repetitions")
    parser.add_argument("--peer", action="store_true", help="kodosumi 1.1.0 too")
    return parser.parse_args()


def _rows(text: str) -> set[int]:
    return {int(word) for word in text.replace(",", " ").split()}


def _end(_number: int, _frame: object) -> NoReturn:
    sys.exit(143)


if __name__ == "__main__":
    main()
