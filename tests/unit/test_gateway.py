"""The gateway, against a service written with ServeAPI and against badly written ones."""

import json

import pytest
from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from network_kit import Network, answers

from kodosumi.domain.catalog.gateway import Gateway, Launched, Rejected, launched_by
from kodosumi.domain.catalog.models import Service
from kodosumi.domain.errors import (
    NotAllowedError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from kodosumi.domain.people.models import User
from kodosumi.sdk import forms as F  # noqa: N812 - as authors write it
from kodosumi.sdk.errors import InputsError, KodosumiError
from kodosumi.sdk.serve_api import ServeAPI
from kodosumi.wire import headers as names
from kodosumi.wire.ids import new_job_id

ANN = User(id=1, name="Änne 100%", role="member", active=True)
AUDITOR = User(id=2, name="otto", role="auditor", active=True)
JOB = new_job_id()


def service(path="/", host="there:1", **fields):
    given = {"id": "s1", "summary": "Sums", "method": "GET", "gone_at": None}
    return Service(base_url=f"http://{host}", path=path, **{**given, **fields})


@pytest.fixture
def app():
    app = ServeAPI()
    form = F.Model(F.InputNumber("n", label="N", required=True), F.Submit("Go"))

    @app.enter("/", form, summary="Sums", tags=["math"])
    async def launch(inputs: dict, request: Request):
        if inputs["n"] == 1:
            raise InputsError("Not today.", n="Too small.")  # noqa: EM101, TRY003
        if inputs["n"] == 2:
            raise KodosumiError("Set OPENAI_API_KEY.")  # noqa: EM101, TRY003
        if inputs["n"] == 3:
            raise RuntimeError("out of order")  # noqa: EM101, TRY003
        app.seen = (request.state.user, request.state.prefix, request.headers[names.BASE])
        job = request.headers[names.JOB]
        return JSONResponse({"fid": job}, headers={names.LAUNCH: job})

    @app.get("/page", entry=True)
    async def page():
        return HTMLResponse("<form>", headers={"set-cookie": "a=b", "x-own": "1"})

    @app.post("/page")
    async def take(request: Request):
        app.form = dict(await request.form())
        app.cookies = request.cookies
        app.prefix = request.state.prefix
        job = request.headers[names.JOB]
        return JSONResponse({"fid": job}, headers={names.LAUNCH: job})

    @app.get("/moved")
    async def moved():
        return RedirectResponse("http://elsewhere/", 303)

    return app


@pytest.fixture
def network(app):
    network = Network()
    network.hosts["there:1"] = app
    return network


@pytest.fixture
def gateway(network):
    return Gateway(network.client())


async def test_form(gateway):
    form = await gateway.form(ANN, service())
    assert [element["type"] for element in form.elements] == ["number", "submit"]
    assert (form.html, form.meta["summary"], form.meta["tags"]) == (False, "Sums", ["math"])
    assert (await gateway.form(AUDITOR, service("/page"))).html
    assert (await gateway.form(ANN, service(method="POST", host="nowhere:1"))).elements == []


async def test_submit_launches_the_job_that_was_asked_for(gateway, app):
    launched = await gateway.submit(ANN, service(), JOB, {"n": "7"})
    assert isinstance(launched, Launched)
    assert launched.job_id == JOB
    assert app.seen == ("Änne 100%", "/services/s1", "http://there:1")


async def test_submit_is_rejected_with_messages_by_field(gateway):
    rejected = await gateway.submit(ANN, service(), JOB, {"n": "1"})
    assert isinstance(rejected, Rejected)
    assert rejected.errors == {"n": ["Too small."], "_global_": ["Not today."]}
    assert rejected.elements[0]["name"] == "n"


async def test_failures_speak_with_the_authors_words(gateway):
    with pytest.raises(ServiceError, match=r"^Set OPENAI_API_KEY\.$"):
        await gateway.submit(ANN, service(), JOB, {"n": "2"})
    with pytest.raises(ServiceError, match=r"RuntimeError: out of order$"):
        await gateway.submit(ANN, service(), JOB, {"n": "3"})


@pytest.mark.parametrize(
    ("content", "job"),
    [
        ({"result": "a" * 24, "errors": {}}, "a" * 24),
        ({"result": "b" * 24, "errors": {"n": []}}, "b" * 24),
        ({"fid": "c" * 24}, "c" * 24),
    ],
)
async def test_the_id_that_older_services_answer_counts(gateway, network, content, job):
    network.hosts["old:1"] = answers(json.dumps(content), media="application/json")
    launched = await gateway.submit(ANN, service(host="old:1"), JOB, {})
    assert launched == Launched(job, [])


@pytest.mark.parametrize(
    ("told", "runner"),
    [
        (f"standby-{JOB}", f"standby-{JOB}"),
        (f"runner-{JOB}", f"runner-{JOB}"),
        ("mailbox", None),
        (f"standby-{JOB}0", None),
        (None, None),
    ],
)
async def test_the_runner_is_taken_by_its_name_only(gateway, network, told, runner):
    headers = {"kodosumi_launch": JOB} | ({"kodosumi_runner": told} if told else {})
    network.hosts["new:1"] = answers("{}", headers=headers)
    launched = await gateway.submit(ANN, service(host="new:1"), JOB, {})
    assert launched == Launched(JOB, [], runner)
    page = await gateway.proxy(ANN, service(host="new:1"), "POST", "/page", {}, b"", JOB)
    assert launched_by(page) == Launched(JOB, [], runner)


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (answers("", 404), UnavailableError, "not there"),
        (answers("", 503), UnavailableError, "not ready"),
        (answers("", 500), ServiceError, "status 500"),
        (answers("<p>oops", 500, "text/html"), ServiceError, "status 500"),
        (
            answers("Traceback (most recent call last):\n  File x\nValueError: bad\n", 500),
            ServiceError,
            "failed: ValueError: bad$",
        ),
        (
            answers('{"detail": [{"msg": "one"}, {"msg": "two"}, 3]}', 422),
            ServiceError,
            "failed: one; two$",
        ),
        (answers("[]"), ServiceError, "neither a form nor a page"),
        (answers("x"), ServiceError, "neither a form nor a page"),
        (answers("{}"), ServiceError, "started no job"),
        (answers('{"result": "../../x"}'), ServiceError, "started no job"),
        (answers("x" * 5_000_001), ServiceError, "more than 5 MB"),
        (answers(status=302, headers={"location": "http://x/"}), ServiceError, "another host"),
    ],
)
async def test_bad_answers(gateway, network, answer, error, text):
    network.hosts["bad:1"] = answer
    with pytest.raises(error, match=text):
        await gateway.submit(ANN, service(host="bad:1"), JOB, {})


async def test_who_is_not_there_and_who_may_not(gateway, network):
    with pytest.raises(UnavailableError, match="Sums does not answer"):
        await gateway.form(ANN, service(host="away:1"))
    with pytest.raises(UnavailableError, match="not deployed any more"):
        await gateway.submit(ANN, service(gone_at=1.0), JOB, {})
    network.requests.clear()
    with pytest.raises(NotAllowedError, match="auditor"):
        await gateway.submit(AUDITOR, service(), JOB, {})
    with pytest.raises(NotAllowedError):
        await gateway.proxy(AUDITOR, service(), "POST", "/page", {}, b"", JOB)
    assert network.requests == []


async def test_proxy_passes_pages_without_cookies(gateway, app):
    page = await gateway.proxy(ANN, service(), "GET", "/page?a=1", {"Cookie": "x"}, b"", JOB)
    assert (page.status_code, page.text) == (200, "<form>")
    assert set(page.headers) == {"content-type", "content-length"}
    assert launched_by(page) is None
    sent = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "a=b", "Host": "evil"}
    posted = await gateway.proxy(ANN, service(), "POST", "/page", sent, b"n=7", JOB, "/frame/abc")
    assert launched_by(posted) == Launched(JOB)
    assert app.prefix == "/frame/abc"
    assert (app.form, app.cookies) == ({"n": "7"}, {})
    moved = await gateway.proxy(ANN, service(), "GET", "/moved", {}, b"", JOB)
    assert (moved.status_code, moved.headers["location"]) == (303, "http://elsewhere/")


async def test_proxy_puts_failures_told_in_json_into_words(gateway, network):
    network.hosts["old:1"] = answers('{"detail": "boom"}', 500, media="application/json")
    asked = {"Accept": "text/html,*/*;q=0.8"}
    with pytest.raises(ServiceError, match=r"Sums failed: boom$"):
        await gateway.proxy(ANN, service(host="old:1"), "POST", "/page", asked, b"n=7", JOB)
    script = {"Accept": "*/*"}
    passed = await gateway.proxy(ANN, service(host="old:1"), "POST", "/page", script, b"", JOB)
    assert (passed.status_code, passed.json()) == (500, {"detail": "boom"})


@pytest.mark.parametrize(
    "path", ["", "page", "//../x", "/../x", "/a/%2e%2e/x", "/a/..", "/a\\..\\x", "@evil/"]
)
async def test_proxy_does_not_leave_the_service(gateway, network, path):
    with pytest.raises(NotFoundError):
        await gateway.proxy(ANN, service(), "GET", path, {}, b"", JOB)
    assert network.requests == []
