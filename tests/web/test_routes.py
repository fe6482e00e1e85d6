"""Rules that every route keeps: rights, headers, errors."""

import re

import pytest
from litestar import Litestar, get
from litestar.exceptions import ImproperlyConfiguredException
from panel import CAST, JOB, SERVICE, Panel, Visitor

from kodosumi.domain.access import Action
from kodosumi.web.auth import all_handlers, check_routes

GIVEN = {"job_id": JOB, "service_id": SERVICE}
OPEN_PAGES = {"/login", "/health", "/frame", "/static"}


def paths_of(panel: Panel) -> list[tuple[str, str, str]]:
    """Return method, real path and action of every route that is not open."""
    found = []
    for path, handler in all_handlers(panel.app):
        if handler.opt["action"] == "open":
            continue
        real = re.sub(r"\{(\w+):\w+\}", lambda m: GIVEN[m[1]], path)
        real += "?from=1&to=9" if path.endswith("/log") else ""
        found += [(method, real, handler.opt["action"]) for method in handler.http_methods]
    return [route for route in found if route[0] != "HEAD"]


async def test_open_routes_are_the_known_ones(panel: Panel) -> None:
    free = {p for p, handler in all_handlers(panel.app) if handler.opt["action"] == "open"}
    assert {"/" + path.split("/")[1] for path in free} == OPEN_PAGES


def test_a_route_that_declares_nothing_stops_the_start() -> None:
    @get("/undeclared")
    async def undeclared() -> None: ...

    with pytest.raises(ImproperlyConfiguredException):
        check_routes(Litestar([undeclared], openapi_config=None))


async def test_signed_out_people_are_let_in_nowhere(panel: Panel, nobody: Visitor) -> None:
    for method, path, _ in paths_of(panel):
        answer = await nobody.client.request(method, path)
        let_in = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        assert let_in or answer.status_code == 401, (method, path, answer.status_code)


@pytest.mark.parametrize("name", CAST)
async def test_the_cast_on_every_route_of_a_job(panel: Panel, name: str) -> None:
    await panel.job()
    await panel.end(JOB)
    visitor = await panel.visitor(name)
    token = await visitor.token()
    for method, path, action in paths_of(panel):
        if JOB not in path:
            continue
        answer = await visitor.client.request(method, path, headers={"x-csrf-token": token})
        status = answer.status_code
        expected = _expected(name, action)
        assert status in expected, (name, method, path, status)
        if path.endswith("/deletion") and status == 303:
            await panel.job()
            await panel.end(JOB)


def _expected(name: str, action: Action) -> set[int]:
    if name == "stranger":
        return {404}
    if action is Action.CHANGE:
        return {403} if name == "auditor" else {303, 409}
    return {200}


async def test_auditors_launch_nothing(panel: Panel) -> None:
    auditor = await panel.visitor("auditor")
    assert (await auditor.post(f"/services/{SERVICE}", {"title": "x"})).status_code == 403
    assert panel.service.seen == []
    assert "You may not launch" in (await auditor.get(f"/services/{SERVICE}")).text


@pytest.mark.parametrize(
    "path", ["/login", "/nothing", "/health", "/static/js/page.js", "/static/none", "/jobs"]
)
async def test_headers_are_everywhere(nobody: Visitor, path: str) -> None:
    headers = (await nobody.get(path)).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil:99999", "x:y", ""])
async def test_an_odd_host_takes_no_header_away(nobody: Visitor, host: str) -> None:
    answer = await nobody.get("/login", headers={"host": host})
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/jobs", "/login", f"/jobs/{JOB}"])
async def test_methods_may_be_asked_for(nobody: Visitor, path: str) -> None:
    answer = await nobody.client.options(path)
    assert answer.status_code == 204
    assert "GET" in answer.headers["allow"]


async def test_nonces_are_used_once(nobody: Visitor) -> None:
    policies = {(await nobody.get("/login")).headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


async def test_static_files_may_be_kept_only_under_their_digest(nobody: Visitor) -> None:
    assert (await nobody.get("/static/js/page.js")).headers["cache-control"] == "no-cache"
    kept = await nobody.get("/static/js/page.js?v=1")
    assert "immutable" in kept.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/nothing/here", "No page has this address"),
        ("/services/unknown", "There is no such service"),
        ("/jobs/unknown", "There is no job unknown"),
        ("/jobs/unknown/nothing", "No page has this address"),
    ],
)
async def test_what_is_not_there_says_where_to_go(owner: Visitor, path: str, text: str) -> None:
    answer = await owner.get(path)
    assert answer.status_code == 404
    assert text in answer.text
    assert 'href="/services"' in answer.text
    assert 'href="/jobs"' in answer.text


async def test_values_that_do_not_fit_are_named(panel: Panel, owner: Visitor) -> None:
    await panel.job()
    answer = await owner.get(f"/jobs/{JOB}?tab=nonsense")
    assert answer.status_code == 400
    assert "tab" in answer.text
    assert (await owner.get("/jobs?before=nonsense")).status_code == 422
    assert (await owner.get("/jobs?status=nonsense&q=&service=")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [f"/jobs/{JOB}?tab=log&to={{n}}", f"/jobs/{JOB}/log?from={{n}}&to={{n}}",
     f"/jobs/{JOB}/stream?after={{n}}", f"/api/v1/jobs/{JOB}/events?after={{n}}"],
)  # fmt: skip
async def test_numbers_that_no_event_has_are_refused(
    panel: Panel, owner: Visitor, path: str
) -> None:
    await panel.job()
    await panel.end(JOB)
    assert (await owner.get(path.format(n="9" * 30))).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/jobs?q=%00", "/jobs?service=%00", "/jobs/%00", "/api/v1/jobs/a%00", "/services?q=%00"],
)
async def test_addresses_with_a_nul_are_refused(owner: Visitor, path: str) -> None:
    assert (await owner.get(path)).status_code == 400
    assert (await owner.get("/jobs?q=%2500")).status_code == 200


@pytest.mark.parametrize("given", ["9" * 30, "9" * 5000, "-1", "x"])
async def test_what_is_no_number_of_an_event_resumes_nothing(
    panel: Panel, owner: Visitor, given: str
) -> None:
    await panel.job()
    await panel.end(JOB)
    answer = await owner.get(f"/jobs/{JOB}/stream", headers={"last-event-id": given})
    assert answer.status_code == 200
    assert "event: log" in answer.text


async def test_failures_of_the_panel_show_an_id_and_nothing_else(
    panel: Panel, owner: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        msg = "very secret"
        raise RuntimeError(msg)

    monkeypatch.setattr(type(panel.domain.catalog), "list", broken)
    answer = await owner.get("/services")
    assert answer.status_code == 500
    assert "very secret" not in answer.text
    assert "Traceback" not in answer.text
    assert re.search(r"\b[0-9a-f]{12}\b", answer.text)[0] in caplog.text
    problem = await owner.get("/api/v1/services")
    assert problem.headers["content-type"].startswith("application/problem+json")
    assert problem.json()["id"] in caplog.text


async def test_an_error_page_needs_no_database(
    panel: Panel, owner: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        msg = "very secret"
        raise OSError(msg)

    monkeypatch.setattr(type(panel.domain.people), "by_session", broken)
    for path in ("/jobs", "/nothing/here"):
        answer = await owner.get(path)
        assert answer.status_code == (500 if path == "/jobs" else 404)
        assert "very secret" not in answer.text


async def test_health_is_open_and_tells_no_addresses(panel: Panel, nobody: Visitor) -> None:
    assert (await nobody.get("/health")).json()["ray"] == "up"
    panel.cluster.go_away("10.0.0.1 refused")
    answer = await nobody.get("/health")
    assert answer.status_code == 200
    assert answer.json()["ray"] == "down"
    assert "10.0.0.1" not in answer.text


async def test_banners_say_why_nothing_runs(panel: Panel, owner: Visitor) -> None:
    panel.cluster.go_away("Connection refused since 12:00")
    page = await owner.get("/jobs")
    assert "Ray cannot be reached" in page.text
    assert "Connection refused since 12:00" in page.text


@pytest.mark.parametrize(
    ("host", "referer", "leads_to"),
    [
        ("panel.test", "http://panel.test/jobs?q=a", "/jobs?q=a"),
        ("panel.test", "http://panel.test//evil.test", "/"),
        ("panel.test", "http://panel.test.evil.test/x", "/me"),
        ("panel.test", "http://[", "/me"),
        ("x:y", "http://evil.test/jobs", "/me"),
    ],
)
async def test_the_theme_leads_back_to_this_panel(
    owner: Visitor, host: str, referer: str, leads_to: str
) -> None:
    headers = {"host": host, "referer": referer}
    answer = await owner.post("/me/theme", {"theme": "dark"}, headers=headers)
    assert answer.headers["location"] == leads_to


async def test_the_theme_is_kept(owner: Visitor) -> None:
    assert 'data-theme="system"' in (await owner.get("/jobs")).text
    await owner.post("/me/theme", {"theme": "dark"})
    assert 'data-theme="dark"' in (await owner.get("/jobs")).text
    await owner.post("/me/theme", {"theme": "'><script>"})
    assert 'data-theme="dark"' in (await owner.get("/jobs")).text
