"""ServeAPI: what a service answers to the panel."""

import logging
from importlib import import_module
from typing import Annotated

import pytest
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse
from httpx import ASGITransport, AsyncClient
from ray import cloudpickle

from kodosumi.sdk import forms
from kodosumi.sdk.errors import InputsError, KodosumiError
from kodosumi.sdk.serve_api import ServeAPI
from kodosumi.sdk.templates import Templates
from kodosumi.wire import headers

FORM = forms.Model(
    forms.Errors(),
    forms.InputText("title", "Title", required=True),
    forms.InputNumber("n", "Number", value=3, max_value=9),
    forms.InputPassword("key"),
    forms.Submit("Go"),
)
GOOD = {"title": "A", "n": "4", "key": "secret"}
URL = "http://service"
JOB = "0" * 24
RUNNER = f"standby-{JOB}"
REFUSAL = InputsError("Not today.", n="Four is full.")


def launched(**content) -> JSONResponse:
    """Return what `Launch` returns."""
    return JSONResponse(
        {"fid": JOB, **content}, headers={headers.LAUNCH: JOB, headers.RUNNER: RUNNER}
    )


def launch(inputs):
    return launched()


def refuse(inputs):
    if inputs["n"] == 4:
        raise REFUSAL
    return launched()


def failing(error):
    def function(inputs):
        raise error

    return function


def client_of(app) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app), base_url=URL)


def service(function=launch, **meta) -> AsyncClient:
    app = ServeAPI()
    app.enter("/", FORM, **meta)(function)
    return client_of(app)


async def test_without_description_the_document_has_none():
    document = (await service().get("/openapi.json")).json()
    operations = document["paths"]["/"]
    assert not operations["get"].get("description")
    assert not operations["post"].get("description")


async def test_get_tells_metadata_and_form():
    client = service(
        summary="Sums",
        description="Adds.",
        version="1.2",
        author="a@example.org",
        organization="Org",
        tags=["x"],
        deprecated=True,
    )
    answer = (await client.get("/")).json()
    assert answer.pop("elements") == FORM.get_model()
    assert answer == {
        "summary": "Sums",
        "description": "Adds.",
        "version": "1.2",
        "author": "a@example.org",
        "organization": "Org",
        "tags": ["x"],
        "deprecated": True,
    }


async def test_openapi_declares_the_service_once():
    client = service(summary="Sums", author="a@example.org", organization="Org", version="1.2")
    operations = (await client.get("/openapi.json")).json()["paths"]["/"]
    assert [m for m, op in operations.items() if op.get("x-kodosumi")] == ["get"]
    assert {k: v for k, v in operations["get"].items() if k.startswith("x-")} == {
        "x-kodosumi": True,
        "x-author": "a@example.org",
        "x-organization": "Org",
        "x-version": "1.2",
    }
    assert operations["post"]["summary"] == "Sums"


async def test_name_and_docstring_describe_by_default():
    def count_words(inputs):
        """Counts."""

    answer = (await service(count_words).get("/")).json()
    assert (answer["summary"], answer["description"]) == ("Count words", "Counts.")


async def test_post_parses_launches_and_keeps_the_header():
    seen = {}

    async def enter(inputs: dict, request: Request):
        seen.update(inputs, user=request.state.user, secret=request.state.secret_fields)
        return launched()

    answer = await service(enter).post("/", json=GOOD, headers={headers.USER: "J%C3%B6rg"})
    assert answer.headers[headers.LAUNCH] == answer.json()["result"] == JOB
    assert answer.headers[headers.RUNNER] == RUNNER
    assert seen == {
        "_global_": [],
        "title": "A",
        "n": 4,
        "key": "secret",
        "user": "Jörg",
        "secret": {"key"},
    }
    assert [e.get("value") for e in answer.json()["elements"]] == [None, "A", "4", None, None]


@pytest.mark.parametrize(
    "function",
    [
        lambda **given: launched(n=given["inputs"]["n"]),
        lambda request: launched(at=request.url.path),
        lambda inputs, more=1: launched(),
        lambda request, inputs: launched(),
    ],
)
async def test_a_function_takes_what_it_asks_for(function):
    assert (await service(function).post("/", json=GOOD)).json()["result"] == JOB


async def test_a_function_that_asks_for_more_is_refused_at_once():
    with pytest.raises(TypeError, match="'tracer'"):
        service(lambda inputs, tracer: None)


async def test_the_decorated_function_stays_itself():
    assert ServeAPI().enter("/", FORM)(refuse) is refuse


async def test_wrong_fields_do_not_reach_the_function():
    answer = await service(failing(AssertionError())).post("/", json={"n": "10", "key": "secret"})
    assert answer.status_code == 200
    assert answer.json()["errors"] == {
        "_global_": [],
        "title": ["Please fill in this field."],
        "n": ["Must be at most 9."],
    }
    _, title, number, key, _ = answer.json()["elements"]
    assert (title["error"], number["value"], key["value"]) == (
        "Please fill in this field.",
        "10",
        None,
    )


async def test_a_refusal_shows_the_form_again_and_spoils_nothing():
    client = service(refuse)
    answer = await client.post("/", json=GOOD)
    assert answer.json()["errors"] == {"_global_": ["Not today."], "n": ["Four is full."]}
    assert headers.LAUNCH not in answer.headers
    assert (await client.get("/")).json()["elements"] == FORM.get_model()
    assert (await client.post("/", json=GOOD | {"n": 5})).json()["result"] == JOB


async def test_a_refusal_without_words_gets_some():
    answer = await service(failing(InputsError())).post("/", json=GOOD)
    assert answer.json()["errors"]["_global_"]


@pytest.mark.parametrize(
    "body",
    [b"{", b"[1]", b'"x"', b'{"n": NaN}', b'{"n": 1e999}', b'{"title": "\\ud800"}', b"\xff"],
)
async def test_a_body_that_is_no_json_object_is_a_bad_request(body):
    assert (await service().post("/", content=body)).status_code == 400


async def test_a_public_message_is_passed_on():
    answer = await service(failing(KodosumiError("The key is missing."))).post("/", json=GOOD)
    assert answer.status_code == 500
    assert answer.json() == {
        "detail": "The key is missing.",
        "type": "KodosumiError",
        "public": True,
    }


async def test_another_exception_tells_type_and_message_and_logs_the_traceback(caplog):
    with caplog.at_level(logging.ERROR, "kodosumi.service"):
        answer = await service(failing(ValueError("odd"))).post("/", json=GOOD)
    assert answer.json() == {"detail": "ValueError: odd", "type": "ValueError", "public": False}
    assert "Traceback" in caplog.text


async def test_a_function_that_does_not_launch_says_so():
    answer = await service(lambda: {"fid": 1}).post("/", json=GOOD)
    assert "Launch" in answer.json()["detail"]


async def test_another_response_passes():
    answer = await service(lambda: HTMLResponse("<p>later")).post("/", json=GOOD)
    assert answer.text == "<p>later"


def breaking(handlers=None) -> AsyncClient:
    router = APIRouter()
    router.get("/divide")(lambda: 1 / 0)
    router.get("/look-up")(lambda: {}["x"])
    app = ServeAPI(exception_handlers=handlers)
    app.include_router(router)
    return AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url=URL)


async def test_failures_of_any_route_are_answered():
    client = breaking()
    assert (await client.get("/divide")).json()["type"] == "ZeroDivisionError"
    assert (await client.get("/none")).json() == {"detail": "Not Found"}


@pytest.mark.parametrize("kind", [LookupError, Exception, 500])
async def test_the_authors_own_handlers_win(kind):
    client = breaking({kind: lambda request, exc: HTMLResponse("own", 500)})
    assert (await client.get("/look-up")).text == "own"


@pytest.fixture
def handwritten(tmp_path) -> AsyncClient:
    (tmp_path / "form.html").write_text("<form>{{ request.state.prefix }} {{ who }}</form>")
    app, templates = ServeAPI(), Templates(directory=tmp_path)

    @app.get("/", entry=True, summary="By hand", author="a@example.org", tags=["x"])
    def page(request: Request) -> HTMLResponse:
        return templates.TemplateResponse("form.html", {"request": request, "who": "<you>"})

    @app.post("/")
    async def submit(request: Request, title: Annotated[str, Form()]):
        return launched(title=title, form=(await request.form())["more"])

    return client_of(app)


async def test_a_handwritten_page_passes_untouched(handwritten):
    page = await handwritten.get("/", headers={headers.PREFIX: "/services/1"})
    assert page.text == "<form>/services/1 &lt;you&gt;</form>"
    answer = await handwritten.post("/", data={"title": "A", "more": "B"})
    assert answer.json() == {"fid": JOB, "title": "A", "form": "B"}
    assert answer.headers[headers.LAUNCH] == JOB
    assert (await handwritten.post("/", data={})).status_code == 422


async def test_a_handwritten_page_is_a_service(handwritten):
    operations = (await handwritten.get("/openapi.json")).json()["paths"]["/"]
    assert operations["get"]["x-kodosumi"] is True
    assert operations["get"]["x-author"] == "a@example.org"
    assert "x-kodosumi" not in operations["post"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Ray Serve's own modules
async def test_serve_can_take_its_copy_of_the_app():
    app = ServeAPI()
    app.enter("/", FORM)(refuse)
    import_module("ray.serve").ingress(app)(type("Page", (), {}))
    again = client_of(cloudpickle.loads(cloudpickle.dumps(app)))
    assert (await again.post("/", json=GOOD)).json()["errors"]["n"] == ["Four is full."]
