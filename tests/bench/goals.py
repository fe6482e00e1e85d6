"""The figures that stand for the rows, and the goals that they are held to."""

from dataclasses import dataclass
from typing import Any

Told = dict[str, Any]
"""Results of a day, as report.py writes them."""


@dataclass(frozen=True)
class Headline:
    """One line of the table: a figure of a row, in plain words, and its goal if it has one.

    `most` or `least` is the goal; `share` is a goal in shares of the peer's figure. The peer's
    figure has the same name, unless `peer` names another one.
    """

    row: int
    figure: str
    words: str
    most: float | None = None
    least: float | None = None
    share: float | None = None
    peer: str = ""

    def of(self, told: Told, product: str) -> float | None:
        """Return the figure of a product; None if it was not measured."""
        name = (self.peer or self.figure) if product == "peer" else self.figure
        row = told.get("rows", {}).get(str(self.row), {})
        found: float | None = row.get(product, {}).get("figures", {}).get(name)
        return found

    def limit(self, told: Told) -> float | None:
        """Return what the goal asks for; None without a goal, or without the peer it refers to."""
        if self.share is None:
            return self.most if self.least is None else self.least
        other = self.of(told, "peer")
        return None if other is None else self.share * other

    def met(self, told: Told) -> bool | None:
        """Tell whether the goal is met; None when that is not known."""
        figure, limit = self.of(told, "kodosumi"), self.limit(told)
        if figure is None or limit is None:
            return None
        failed = told["rows"][str(self.row)]["kodosumi"]["faults"]
        return not failed and (figure >= limit if self.least is not None else figure <= limit)


_OWN = "author's first event p50 ms"

HEADLINES = (
    Headline(1, _OWN, "launch to the author's first event, a runner is ready: p50 ms", most=150),
    Headline(1, f"at once again, {_OWN}", "the same, at once after another: p50 ms", peer=_OWN),
    Headline(1, f"cold, {_OWN}", "the same, no runner is kept: p50 ms", share=0.5, peer=_OWN),
    Headline(2, "form p50 ms", "the form is answered: p50 ms", most=25),
    Headline(3, "sync events/s", "10,000 results, sync: seen a second", least=15_000),
    Headline(3, "awaited events/s", "10,000 results, awaited: seen a second", least=15_000),
    Headline(4, "20/s latency p50 ms", "latency at 20 a second: p50 ms", most=10),
    Headline(4, "200/s latency p50 ms", "latency at 200 a second: p50 ms", most=10),
    Headline(4, "200/s latency p95 ms", "latency at 200 a second: p95 ms", most=30),
    Headline(5, "1 idle stream % of a core", "one idle stream: % of a core"),
    Headline(5, "200 idle streams % of a core", "200 idle streams: % of a core", most=2),
    Headline(6, "10 jobs: delivered whole", "10 jobs at once: delivered whole", least=10),
    Headline(6, "10 jobs: author's first event p50 s", "their first event: p50 s", most=6),
    Headline(6, "10 jobs: latency p95 ms", "their latency: p95 ms", most=100),
    Headline(6, "25 jobs: delivered whole", "25 jobs at once: delivered whole", least=25),
    Headline(6, "25 jobs: author's first event p50 s", "their first event: p50 s", most=20),
    Headline(6, "25 jobs: latency p95 ms", "their latency: p95 ms"),
    Headline(7, "MB a job", "memory of an idle job: MB", most=110),
    Headline(7, "processes a job", "processes of a job", most=1),
    Headline(8, "spooler with 10 idle jobs % of a core", "spooler, 10 idle jobs: % of a core", 1),
    Headline(9, "10,000 jobs: first page p95 ms", "10,000 jobs, first page: p95 ms"),
    Headline(9, "10,000 jobs: search p95 ms", "10,000 jobs, search for the oldest: p95 ms"),
    Headline(9, "10,000 jobs: changes p95 ms", "10,000 jobs, what has changed: p95 ms"),
    Headline(
        9, "10,000 jobs: sign-in page meanwhile max ms", "sign-in page during searches: max ms"
    ),
    Headline(9, "100,000 jobs: first page p95 ms", "100,000 jobs, first page: p95 ms", most=50),
    Headline(9, "100,000 jobs: search p95 ms", "100,000 jobs, search: p95 ms", most=50),
    Headline(9, "100,000 jobs: sign-in page meanwhile max ms", "sign-in page meanwhile: max ms"),
    Headline(11, "100 viewers: latency p95 ms", "100 viewers: latency p95 ms"),
    Headline(11, "500 viewers: latency p95 ms", "500 viewers: latency p95 ms", most=250),
    Headline(12, "first paint p50 ms", "a million lines, first paint: p50 ms", most=500),
    Headline(12, "last row in place p50 ms", "its last row in place: p50 ms", most=500),
    Headline(12, "page kB", "the page: kB", most=250, peer="none: it comes without a line"),
)
