"""The catalogue: the list of services, and a service with its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.status_codes import HTTP_200_OK

from kodosumi.domain.access import Action, may
from kodosumi.domain.catalog.gateway import Rejected
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.errors import ServiceError, UnavailableError
from kodosumi.web.auth import needs
from kodosumi.web.deps import Visit, services
from kodosumi.web.entered import Element, inputs_of, inputs_to_keep, values_to_show
from kodosumi.web.errors import STATUS
from kodosumi.web.framing import make_frame
from kodosumi.web.pages.frames import frame_path
from kodosumi.web.render import FramedPage
from kodosumi.web.replies import Html, go, html
from kodosumi.wire.ids import new_job_id


@dataclass(frozen=True)
class TagChoice:
    """A tag to filter by; `count` is the number of services that have it."""

    name: str
    count: int
    on: bool


@dataclass(frozen=True)
class ServicesPage(FramedPage):
    """The services that match `q` and the chosen tags."""

    template: ClassVar[str] = "services/list.html"
    services: Sequence[Service]
    tags: Sequence[TagChoice]
    q: str

    @property
    def filtered(self) -> bool:
        """True when less than everything may be shown."""
        return bool(self.q) or any(tag.on for tag in self.tags)


@dataclass(frozen=True)
class ServicePage(FramedPage):
    """A service and its form; `frame_src` is set instead for a hand-written page.

    `problem` is a failure as (title, text); `errors` are messages by field, of the whole form under
    `_global_`; `values` is what was entered.
    """

    template: ClassVar[str] = "services/service.html"
    service: Service
    may_launch: bool
    elements: Sequence[Element] = ()
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    problem: tuple[str, str] | None = None
    frame_src: str = ""

    @property
    def has_submit(self) -> bool:
        """True when the form brings its own button."""
        return any(element.get("type") == "submit" for element in self.elements)

    @property
    def bare(self) -> bool:
        """True for a service that can be launched and asks for nothing."""
        away = self.problem or self.frame_src or self.service.gone_at is not None
        return not self.elements and not away

    @property
    def stray_errors(self) -> list[str]:
        """Messages that no element of the form would show."""
        shown = {element.get("name") for element in self.elements}
        if any(element.get("type") == "errors" for element in self.elements):
            shown.add("_global_")
        return [text for name, texts in self.errors.items() if name not in shown for text in texts]


@get("/", opt=needs(Action.SEE))
async def start(request: Visit) -> Html:
    """Lead to the services."""
    return go(request, "/services")


@get("/services", opt=needs(Action.SEE))
async def list_services(request: Visit, q: FromQuery[str] = "") -> Html:
    """Show the services that match."""
    catalog = services(request).catalog
    chosen = request.query_params.getall("tag", [])
    found = await catalog.list(request.user, q, chosen)
    tags = _choices(await catalog.tags(request.user), chosen)
    return html(request, ServicesPage(make_frame(request), found, tags, q), block="list")


def _choices(counts: Mapping[str, int], chosen: Sequence[str]) -> list[TagChoice]:
    """Return the tags there are, and those that are asked for although nothing has them."""
    wanted = {tag.casefold(): tag for tag in chosen}
    known = {tag.casefold() for tag in counts}
    lost = [tag for folded, tag in wanted.items() if folded not in known]
    return [
        *(TagChoice(name, count, name.casefold() in wanted) for name, count in counts.items()),
        *(TagChoice(name, 0, on=True) for name in lost),
    ]


@get("/services/{service_id:str}", opt=needs(Action.SEE))
async def show_service(request: Visit, service_id: FromPath[str]) -> Html:
    """Show a service and its empty form."""
    service = await services(request).catalog.get(request.user, service_id)
    return html(request, await _page(request, service), block="form")


@post("/services/{service_id:str}", opt=needs(Action.LAUNCH), status_code=HTTP_200_OK)
async def launch(request: Visit, service_id: FromPath[str]) -> Html:
    """Start a job and lead to it, or show the form again with what is wrong."""
    domain = services(request)
    service = await domain.catalog.get(request.user, service_id)
    inputs = inputs_of(await request.form())
    job_id = new_job_id()
    try:
        domain.jobs.admit()
        outcome = await domain.gateway.submit(request.user, service, job_id, inputs)
    except (ServiceError, UnavailableError) as error:
        return await _failed(request, service, inputs, error)
    if isinstance(outcome, Rejected):
        return _rejected(request, service, inputs, outcome)
    kept = inputs_to_keep(outcome.elements, inputs)
    await domain.jobs.open(outcome.job_id, request.user, service, kept, runner=outcome.runner)
    return go(request, f"/jobs/{outcome.job_id}")


def _rejected(request: Visit, service: Service, inputs: dict[str, Any], outcome: Rejected) -> Html:
    page = ServicePage(
        make_frame(request),
        service,
        may_launch=True,
        elements=outcome.elements,
        values=values_to_show(outcome.elements, inputs),
        errors=outcome.errors,
    )
    return html(request, page, block="form", status=422)


async def _failed(
    request: Visit,
    service: Service,
    inputs: dict[str, Any],
    error: ServiceError | UnavailableError,
) -> Html:
    page = await _page(request, service, inputs, (_title_of(error), str(error)))
    # Without a form to show again, the one that the browser has must stay: only the alert is new.
    lost = {"HX-Retarget": "#service-alert", "HX-Reselect": "#service-alert"}
    headers = {} if page.elements else lost
    return html(request, page, block="form", status=STATUS[type(error)], headers=headers)


async def _page(
    request: Visit,
    service: Service,
    inputs: dict[str, Any] | None = None,
    problem: tuple[str, str] | None = None,
) -> ServicePage:
    """Return the page with the form as the service has it now, filled with `inputs`."""
    elements: Sequence[Element] = ()
    frame_src = ""
    if service.gone_at is None:
        try:
            form = await services(request).gateway.form(request.user, service)
            elements = form.elements
            frame_src = frame_path(request, service) if form.html else ""
        except (ServiceError, UnavailableError) as error:
            problem = problem or (_title_of(error), str(error))
    return ServicePage(
        make_frame(request),
        service,
        may_launch=may(request.user, Action.LAUNCH, service),
        elements=elements,
        values={} if inputs is None else values_to_show(elements, inputs),
        problem=problem,
        frame_src=frame_src,
    )


def _title_of(error: ServiceError | UnavailableError) -> str:
    if isinstance(error, ServiceError):
        return "The service failed"
    return "The service does not answer"


route_handlers = [start, list_services, show_service, launch]
