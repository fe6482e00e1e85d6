"""The catalogue, against small real apps behind a network in memory."""

import asyncio
import json

import pytest
from network_kit import FakeServe, Network, answers, service_app
from panel_kit import FakeClock, empty_database
from sqlalchemy import event

from kodosumi.background.prober import Prober
from kodosumi.domain.catalog import probe
from kodosumi.domain.catalog.catalog import Catalog
from kodosumi.domain.catalog.exchange import Limits
from kodosumi.domain.catalog.openapi import services_in
from kodosumi.domain.errors import ConflictError, InvalidError, NotFoundError
from kodosumi.domain.people.models import User

USER = User(id=1, name="ann", role="member", active=True, password="", created_at=0)
HOME = "http://127.0.0.1:8001"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def serve():
    return FakeServe()


@pytest.fixture
def network(serve):
    network = Network()
    network.hosts["127.0.0.1:8001"] = serve
    return network


@pytest.fixture
async def db(tmp_path):
    async with empty_database(tmp_path) as db:
        yield db


@pytest.fixture
def make(db, clock, network):
    def make(serve_url=HOME, registers=()):
        return Catalog(db, network.client(), clock, serve_url, registers)

    return make


@pytest.fixture
def catalog(make):
    return make()


async def names(catalog, **wanted):
    return [service.summary for service in await catalog.list(USER, **wanted)]


async def test_what_serve_has_is_listed_with_all_that_its_document_says(catalog, serve):
    operation = {"x-author": "Ann", "x-organization": "Org", "x-version": "2", "tags": ["Math"]}
    serve.apps["/armstrong"] = service_app("Armstrong\n numbers", **operation)
    serve.apps["/other"] = service_app("", path="/form", version="3.1", deprecated=True)
    changes = await catalog.refresh()
    assert changes.came == ("Armstrong numbers", "Form")
    armstrong, form = await catalog.list(USER)
    assert (armstrong.base_url, armstrong.path) == (f"{HOME}/armstrong", "/")
    assert armstrong.source == f"{HOME}/armstrong/openapi.json"
    assert (armstrong.author, armstrong.organization, armstrong.version) == ("Ann", "Org", "2")
    assert (armstrong.tags, armstrong.method, armstrong.deprecated) == (["Math"], "GET", False)
    assert (form.version, form.deprecated, form.base_url) == ("3.1", True, f"{HOME}/other")
    assert (await catalog.get(USER, armstrong.id)).summary == "Armstrong numbers"
    for unknown in ("nothing", "\x00", "\ud800"):
        with pytest.raises(NotFoundError):
            await catalog.get(USER, unknown)
    assert catalog.state.serve_up
    assert catalog.state.reason == ""


async def test_search_and_tags(catalog, serve):
    serve.apps["/a"] = service_app("Große Zahlen", tags=["Math", "Demo"])
    serve.apps["/b"] = service_app("hymn", tags=["demo"], **{"x-organization": "Crew Ltd"})
    await catalog.refresh()
    assert await names(catalog) == ["Große Zahlen", "hymn"]
    assert await names(catalog, q="ZAHLEN grosse") == ["Große Zahlen"]
    assert await names(catalog, q="crew") == ["hymn"]
    assert await names(catalog, q="math hymn") == []
    assert await names(catalog, tags=["DEMO"]) == ["Große Zahlen", "hymn"]
    assert await names(catalog, tags=["demo", "math"]) == ["Große Zahlen"]
    assert await catalog.tags(USER) == {"Demo": 1, "demo": 1, "Math": 1}


async def test_a_service_comes_goes_and_comes_back_as_the_same(catalog, serve, clock):
    serve.apps["/a"] = service_app("Armstrong")
    await catalog.refresh()
    (before,) = await catalog.list(USER)
    app = serve.apps.pop("/a")
    clock.at += 3
    assert str(await catalog.refresh()) == "-Armstrong"
    assert await catalog.list(USER) == []
    assert (await catalog.get(USER, before.id)).gone_at == clock.at
    serve.apps["/a"] = app
    assert str(await catalog.refresh()) == "+Armstrong"
    (after,) = await catalog.list(USER)
    assert (after.id, after.gone_at) == (before.id, None)


async def test_nothing_is_gone_while_serve_is_away(make, serve, network):
    serve.apps["/a"] = service_app("Armstrong")
    await make().refresh()
    del network.hosts["127.0.0.1:8001"]
    catalog = make()
    await catalog.refresh()
    assert not catalog.state.serve_up
    assert "Ray Serve at http://127.0.0.1:8001 does not answer" in catalog.state.reason
    network.hosts["127.0.0.1:8001"] = serve
    serve.status = 503
    await catalog.refresh()
    assert "not ready" in catalog.state.reason
    assert await names(catalog) == ["Armstrong"]
    serve.status = 200
    serve.apps.clear()
    await catalog.refresh()
    assert catalog.state.serve_up
    assert await names(catalog) == []


async def test_a_service_keeps_its_id_when_serve_moves_to_another_port(make, serve, network):
    serve.apps["/a"] = service_app("Armstrong")
    old, new = make(), make("http://localhost:9001")
    await old.refresh()
    (before,) = await old.list(USER)
    network.hosts["127.0.0.1:9001"] = network.hosts.pop("127.0.0.1:8001")
    assert str(await new.refresh()) == ""
    (after,) = await new.list(USER)
    assert after.id == before.id
    assert after.base_url == "http://127.0.0.1:9001/a"


BROKEN = {
    "error 500": answers("oops", 500),
    "no JSON": answers("<html>"),
    "too large": answers("[" + " " * 2_000_001 + "]"),
    "too deep": answers("[" * 100_000),
    "too slow": answers("{}", wait=5),
    "leads away": answers(status=307, headers={"location": "http://elsewhere/openapi.json"}),
    "leads nowhere": answers(status=307, headers={"location": "http://[bad"}),
    "in circles": answers(status=307, headers={"location": "/bad/openapi.json"}),
    "not a document": answers(json.dumps({"paths": {}})),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_a_broken_app_hides_no_other_and_keeps_its_row(make, serve, kind, monkeypatch):
    monkeypatch.setattr(probe, "LIMITS", Limits(seconds=0.2, size=2_000_000))
    catalog = make()
    serve.apps["/bad"] = service_app("Bad")
    await catalog.refresh()
    serve.apps.update({"/bad": BROKEN[kind], "/good": service_app("Good")})
    await catalog.refresh()
    assert await names(catalog) == ["Bad", "Good"]
    assert catalog.state.serve_up
    (problem,) = catalog.state.problems
    assert problem.startswith("bad ")
    serve.apps["/bad"] = answers("nothing here", 404)
    await catalog.refresh()
    assert await names(catalog) == ["Good"]
    assert catalog.state.problems == ()


async def test_redirects_within_the_host_are_followed(catalog, serve):
    app = service_app("Armstrong")

    async def moved(scope, receive, send):
        there = scope["path"].endswith("/new")
        answer = app if there else answers(status=307, headers={"location": "/a/new"})
        await answer({**scope, "path": "/a/openapi.json"}, receive, send)

    serve.apps["/a"] = moved
    await catalog.refresh()
    assert await names(catalog) == ["Armstrong"]


def test_what_does_not_fit_in_a_document_is_left_out():
    marked = {"x-kodosumi": True}
    document = {
        "info": ["?"],
        "paths": {
            "/ok": {"get": {**marked, "summary": 7, "tags": ["a", None, "a", {}, "\ud800"]}},
            "/post": {"post": marked, "put": marked, "parameters": []},
            "/both": {"post": marked, "get": marked},
            "/one/{id}": {"get": marked},
            "/text": {"get": {"x-kodosumi": "yes"}},
            "/list": [marked],
            "/long" + "x" * 500: {"get": marked},
            "no-slash": {"get": marked},
            "/nul": {"get": {**marked, "summary": "a\x00b\ud800", "description": ["?"]}},
        },
    }
    found = {one.path: one for one in services_in(document, "http://x/openapi.json", "http://x")}
    assert set(found) == {"/ok", "/post", "/both", "/nul"}
    assert (found["/ok"].summary, found["/ok"].tags) == ("7", ("a", "?"))
    assert (found["/post"].method, found["/both"].method) == ("POST", "GET")
    assert (found["/nul"].summary, found["/nul"].description) == ("ab?", "")
    assert len({one.id for one in found.values()}) == 4
    for foreign in (None, [], {"paths": []}, {"paths": {"/": None}}):
        assert services_in(foreign, "http://x/openapi.json", "http://x") == []


async def test_registered_addresses(make, serve, network, clock):
    network.hosts["alone:8005"] = service_app("Alone")
    network.hosts["more:8001"] = more = FakeServe()
    more.apps["/x"] = service_app("Elsewhere")
    serve.apps["/a"] = service_app("Armstrong")
    catalog = make(registers=["http://0.0.0.0:8001/-/routes"])
    await catalog.register(" http://alone:8005 ")
    await catalog.register("http://alone:8005")
    await catalog.register("http://more:8001/-/routes")
    await catalog.register("http://localhost:8001/a/openapi.json")
    await catalog.refresh()
    assert await names(catalog) == ["Alone", "Armstrong", "Elsewhere"]
    assert network.requests.count("GET http://127.0.0.1:8001/-/routes") == 1
    assert [(one.url, one.problem, one.seen_at) for one in await catalog.registers()] == [
        ("http://0.0.0.0:8001/-/routes", "", clock.at),
        ("http://alone:8005", "", clock.at),
        ("http://more:8001/-/routes", "", clock.at),
        ("http://localhost:8001/a/openapi.json", "", clock.at),
    ]
    del network.hosts["more:8001"]
    more.apps.clear()
    await catalog.unregister("http://alone:8005")
    await catalog.refresh()
    assert await names(catalog) == ["Armstrong", "Elsewhere"]
    problems = [one.problem for one in await catalog.registers()]
    assert problems[0] == problems[2] == ""
    assert "does not answer" in problems[1]
    assert catalog.state.serve_up
    for unknown in ("http://alone:8005", "\x00", "\ud800"):
        with pytest.raises(NotFoundError):
            await catalog.unregister(unknown)
    with pytest.raises(ConflictError, match="KODO_REGISTER"):
        await catalog.unregister("http://0.0.0.0:8001/-/routes")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x/openapi.json",
        "file:///etc/passwd",
        "http://",
        "x:8001",
        "http://name:password@x/",
        "http://x/" + "y" * 500,
        "http://[bad",
        "http://x:99999999/",
        "http://x/\x00",
    ],
)
async def test_addresses_that_are_not_taken(catalog, make, url):
    with pytest.raises(InvalidError) as refusal:
        await catalog.register(url)
    assert set(refusal.value.fields) == {"url"}
    with pytest.raises(InvalidError, match=r"^KODO_REGISTER: "):
        make(registers=[url])
    assert await catalog.registers() == []


async def test_what_did_not_change_is_not_written(catalog, serve, db, clock):
    serve.apps["/a"] = service_app("Armstrong")
    await catalog.register("http://nobody:1")
    await catalog.refresh()
    written = []
    event.listen(
        db.engine.sync_engine,
        "before_cursor_execute",
        lambda *args: written.append(args[2]) if not args[2].startswith(("SELECT", "BEGIN")) else 0,
    )
    for _ in range(5):
        clock.at += 3
        await catalog.refresh()
    assert written == []
    clock.at += 60
    await catalog.refresh()
    (service,) = await catalog.list(USER)
    assert service.seen_at == clock.at


async def test_the_prober_says_changes_once_and_survives(catalog, serve, caplog, monkeypatch):
    caplog.set_level("INFO", "kodosumi.prober")
    serve.apps["/a"] = service_app("Armstrong")
    done = asyncio.Event()
    looks = iter([None, None, OSError("disk full"), OSError("disk full"), None])
    refresh = catalog.refresh

    async def troubled():
        trouble = next(looks, done)
        if trouble is done:
            done.set()
        elif trouble:
            raise trouble
        return await refresh()

    monkeypatch.setattr(catalog, "refresh", troubled)
    task = asyncio.create_task(Prober(catalog, 0.001).run())
    await done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    said = [each.getMessage() for each in caplog.records if each.name == "kodosumi.prober"]
    assert said == ["services: +Armstrong", "looking for services failed: OSError('disk full')"]
