"""The way to a service: its form, its launch, its hand-written pages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import httpx

from kodosumi.domain.access import Action, may
from kodosumi.domain.catalog.answers import (
    Element,
    elements_of,
    errors_of,
    job_id_of,
    raise_for_status,
    runner_of,
)
from kodosumi.domain.catalog.exchange import Answer, Exchange, Limits
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.errors import NotAllowedError, NotFoundError, ServiceError, UnavailableError
from kodosumi.domain.people.models import User
from kodosumi.wire import headers as names

LIMITS = Limits(seconds=60.0, size=5_000_000)
_ASKED = frozenset({"accept", "accept-language", "content-type"})
_ANSWERED = frozenset(
    {"content-type", "content-disposition", "location", names.LAUNCH, names.RUNNER}
)


@dataclass(frozen=True)
class ServiceForm:
    """What a service asks for. `html` is true for a hand-written page, which has no elements."""

    elements: list[Element] = field(default_factory=list)
    html: bool = False
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Launched:
    """The service has started a job. `runner` names the actor that runs it, if that is told."""

    job_id: str
    elements: list[Element] = field(default_factory=list)
    runner: str | None = None


@dataclass(frozen=True)
class Rejected:
    """The service wants other inputs: messages by field, `_global_` for the form as a whole."""

    errors: dict[str, list[str]]
    elements: list[Element]


class Gateway:
    """Talks to services for the people who are signed in.

    Every method raises UnavailableError when the service does not answer or is gone, ServiceError
    with the author's words when it fails, and NotAllowedError when the person may not.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._exchange = Exchange(http, LIMITS)

    async def form(self, user: User, service: Service) -> ServiceForm:
        """Fetch the form of a service; one that is only posted to has an empty form."""
        if service.method != "GET":
            return ServiceForm()
        answer = await self._send(user, Action.SEE, service, "GET", service.path)
        if answer.is_html:
            return ServiceForm(html=True)
        content = _content(service, answer)
        meta = {key: value for key, value in content.items() if key != "elements"}
        return ServiceForm(elements_of(content), meta=meta)

    async def submit(
        self, user: User, service: Service, job_id: str, inputs: Mapping[str, Any]
    ) -> Launched | Rejected:
        """Launch a service as `job_id`; the answered id counts, which old services choose."""
        answer = await self._send(
            user,
            Action.LAUNCH,
            service,
            "POST",
            service.path,
            headers={"content-type": "application/json", names.JOB: job_id},
            body=json.dumps(inputs).encode(),
        )
        content = {} if answer.is_html else _content(service, answer)
        if errors := errors_of(content):
            return Rejected(errors, elements_of(content))
        if job := job_id_of(content, answer.headers):
            return Launched(job, elements_of(content), runner_of(answer.headers))
        msg = f"{service.summary} took the inputs but started no job."
        raise ServiceError(msg)

    async def proxy(  # noqa: PLR0917 - the parts of a request
        self,
        user: User,
        service: Service,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        job_id: str,
        prefix: str = "",
    ) -> httpx.Response:
        """Pass a request to a hand-written page, and its answer back, whatever its status.

        `path`, with its query, is below the service's base; `prefix` is where the page is shown to
        the person, for authors to put before links and actions of forms. Cookies and credentials
        are passed in neither direction; redirects are not followed. A launch is seen by
        `launched_by`.

        Raises:
            ServiceError: a page was asked for, and a failure was answered as JSON.
            UnavailableError: likewise, by a status that tells that the service is away.
        """
        passed = {
            key.lower(): value
            for key, value in headers.items()
            if key.lower() in _ASKED and value.isascii()
        }
        answer = await self._send(
            user,
            Action.SEE if method in {"GET", "HEAD"} else Action.LAUNCH,
            service,
            method,
            _inside(path),
            headers={**passed, names.JOB: job_id, names.PREFIX: prefix},
            body=body or None,
            raw=True,
        )
        if "text/html" in passed.get("accept", "") and answer.is_json:
            raise_for_status(service.summary, answer)
        kept = [(key, value) for key, value in answer.headers.items() if key.lower() in _ANSWERED]
        return httpx.Response(answer.status, headers=kept, content=answer.body)

    async def _send(
        self,
        user: User,
        action: Action,
        service: Service,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        raw: bool = False,
    ) -> Answer:
        _check(user, action, service)
        answer = await self._exchange.send(
            service.summary,
            method,
            service.base_url + path,
            headers={**_origin(user, service), **(headers or {})},
            content=body,
            follow=not raw,
        )
        if not raw:
            raise_for_status(service.summary, answer)
        return answer


def launched_by(response: httpx.Response) -> Launched | None:
    """Return the job that a proxied request has started."""
    job = job_id_of({}, response.headers)
    return Launched(job, runner=runner_of(response.headers)) if job else None


def _check(user: User, action: Action, service: Service) -> None:
    if not may(user, action, service):
        msg = f"Your role, {user.role}, does not allow to {action} services."
        raise NotAllowedError(msg)
    if service.gone_at is not None:
        msg = f"{service.summary} is not deployed any more. Deploy it again, or choose another one."
        raise UnavailableError(msg)


def _origin(user: User, service: Service) -> dict[str, str]:
    """Return the headers that tell who asks and from where; the name is percent-encoded."""
    return {
        names.USER: quote(user.name, safe=" !#$&'()*+,/:;=?@[]"),
        names.PREFIX: f"/services/{service.id}",
        names.BASE: service.base_url,
    }


def _content(service: Service, answer: Answer) -> dict[str, Any]:
    content = answer.json()
    if not isinstance(content, dict):
        msg = f"{service.summary} answers with neither a form nor a page."
        raise ServiceError(msg)
    return content


def _inside(path: str) -> str:
    """Return `path` if it does not lead out of the service's base."""
    steps = unquote(path.partition("?")[0]).replace("\\", "/").split("/")
    if not path.startswith("/") or {".", ".."} & set(steps):
        msg = "There is no such page."
        raise NotFoundError(msg)
    return path
