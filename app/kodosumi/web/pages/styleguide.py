"""Every component on one page, for those who work on the panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import get

from kodosumi.domain.access import Action
from kodosumi.sdk import forms as f
from kodosumi.web.auth import needs
from kodosumi.web.deps import Visit
from kodosumi.web.framing import make_frame
from kodosumi.web.render import Frame, FramedPage
from kodosumi.web.replies import Html, html
from kodosumi.wire.states import JobStatus

_OPTIONS = [f.InputOption("fast", "Fast"), f.InputOption("thorough", "Thorough", value=True)]
_BROKEN = {"_global_": ["The two dates overlap."], "limit": ["Must be at most 1000000."]}


@dataclass(frozen=True)
class Tab:
    """A tab; `count` is None where nothing is counted."""

    key: str
    label: str
    href: str
    count: int | None = None


@dataclass(frozen=True)
class StyleguidePage(FramedPage):
    """Samples for each component."""

    template: ClassVar[str] = "styleguide.html"
    statuses: Sequence[str]
    tabs: Sequence[Tab]
    elements: Sequence[dict[str, Any]]
    errors: Mapping[str, Sequence[str]]
    log: Sequence[tuple[str, str]]
    colours: Sequence[str]


def sample_form() -> list[dict[str, Any]]:
    """Return one element of every type."""
    elements = (
        f.Markdown("Counts **Armstrong numbers** up to a limit, spread over the cluster."),
        f.Errors(),
        f.InputText("name", "Name", required=True, placeholder="A name for this run"),
        f.InputNumber("limit", "Limit", value=5_000_000, required=True, max_value=1_000_000),
        f.InputArea("notes", "Notes", placeholder="What is this run for?"),
        f.Checkbox("verbose", "Print each number", label="Output", value=True),
        f.Select("mode", _OPTIONS, "Mode"),
        f.InputRadio("again", _OPTIONS, "Repeat"),
        f.InputDate("day", "Date"),
        f.InputTime("hour", "Time"),
        f.InputDateTime("moment", "Date and time"),
        f.InputMonth("month", "Month"),
        f.InputWeek("week", "Week"),
        f.HR(),
        f.InputSearch("find", "Search"),
        f.InputEmail("mail", "E-mail"),
        f.InputUrl("page", "Address"),
        f.InputTel("phone", "Telephone"),
        f.InputPassword("secret", "Password"),
        f.InputColor("colour", "Colour", value="#3355cc"),
        f.InputRange("share", "Share", value=40, min_value=0, max_value=100),
        f.InputFiles("files", "Files", multiple=True),
        f.InputHidden("token", "hidden"),
        f.HTML("<p>A piece of <em>HTML</em>.</p>"),
        f.DisplayInfo("2 nodes, 8 cores", "Cluster"),
        f.Break(),
        f.Submit("Launch"),
        f.Action("draft", "1", text="Save draft"),
        f.Cancel("Cancel"),
    )
    return [element.to_dict() for element in elements]


_LOG = (
    ("status", "running"),
    ("inputs", "limit = 1000000"),
    ("stdout", "split into 16 ranges"),
    ("debug", "range 1 went to node 127.0.0.1"),
    ("stderr", "UserWarning: the last range is smaller than the others"),
    ("result", "153, 370, 371, 407"),
    ("action", "ask the second agent"),
    ("agent", "Poet writes the second stanza"),
    ("stdout", "a very long line " * 16),
    ("error", "ValueError: a range must have a start"),
)


def sample_page(frame: Frame) -> StyleguidePage:
    """Return the page with its samples."""
    return StyleguidePage(
        frame=frame,
        statuses=[str(status) for status in JobStatus],
        tabs=(
            Tab("result", "Result", "#", 4),
            Tab("log", "Log", "#", 1203),
            Tab("in", "Inputs", "#"),
        ),
        elements=sample_form(),
        errors=_BROKEN,
        log=_LOG,
        colours=("paper", "surface", "sunken", "hover", "line", "edge", "ink", "grey", "accent"),
    )


@get("/styleguide", opt=needs(Action.SEE))
async def show_styleguide(request: Visit) -> Html:
    """Show the page."""
    return html(request, sample_page(make_frame(request)))


route_handlers = [show_styleguide]
