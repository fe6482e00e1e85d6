"""ServeAPI's life: what the author does at its start and end goes on as if nothing were added."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import ray
from fastapi import FastAPI, Request

from kodosumi.core import Launch, ServeAPI, forms
from kodosumi.runtime import service
from kodosumi.runtime.service import likely_module

FORM = forms.Model(forms.Submit("Go"))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the standby, as if this process were part of Ray."""
    said: list[str] = []
    monkeypatch.setattr(ray, "is_initialized", lambda: True)
    monkeypatch.setattr(service.standby, "expect", lambda module: said.append(f"expect {module}"))
    monkeypatch.setattr(service.standby, "release", lambda: said.append("release"))
    return said


async def live(app: FastAPI) -> list[dict]:
    """Start and end `app` as a server does; return what it answers."""
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[dict] = []

    async def receive() -> dict:
        return messages.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    await app({"type": "lifespan", "state": {}}, receive, send)
    return sent


async def test_a_lifespan_of_the_author_is_kept(said: list[str]) -> None:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, int]]:
        said.append("author starts")
        yield {"key": 1}
        said.append("author ends")

    sent = await live(ServeAPI(lifespan=lifespan))
    assert said == ["expect ", "author starts", "author ends", "release"]
    kinds = [message["type"] for message in sent]
    assert kinds == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_handlers_of_events_are_kept(said: list[str]) -> None:
    app = ServeAPI(on_startup=[lambda: said.append("starts")])
    app.router.on_shutdown.append(lambda: said.append("ends"))
    await live(app)
    assert said == ["expect ", "starts", "ends", "release"]


async def test_what_the_author_raises_at_the_start_is_told(said: list[str]) -> None:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        raise OSError
        yield

    with pytest.raises(OSError):  # noqa: PT011 - whatever it says
        await live(ServeAPI(lifespan=lifespan))
    assert said == ["expect ", "release"]


async def test_without_ray_nothing_waits(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    await live(ServeAPI())
    assert said == ["release"]


def one(inputs: dict, request: Request):
    return Launch(request, "apps.work:run", inputs)


def another(inputs: dict, request: Request):
    return Launch(request, "apps.other.work:Crew.run", inputs)


def no_text(inputs: dict, request: Request):
    """This: is no entry point, and neither is http://example.org:80."""
    return Launch(request, one, {"note": "no: entry point"})


@pytest.mark.parametrize(
    ("functions", "module"),
    [
        ((one,), "apps.work"),
        ((one, no_text), "apps.work"),
        ((one, another), ""),
        ((no_text,), ""),
        ((), ""),
    ],
)
def test_the_first_module_is_guessed_when_the_app_names_one(functions, module):
    app = ServeAPI()
    for number, function in enumerate(functions):
        app.enter(f"/{number}", FORM)(function)
    assert likely_module(app) == module
