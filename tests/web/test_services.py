"""The catalogue and launching."""

import json
import re

import pytest
from panel import FORM, SERVICE, Panel, Visitor

from kodosumi.domain.jobs.views import JobFilter
from kodosumi.wire import headers

PAGE = f"/services/{SERVICE}"
PART = {"hx-request": "true", "hx-request-type": "partial"}


async def test_lists_services_with_their_facts(owner: Visitor) -> None:
    page = (await owner.get("/services")).text
    assert "Poems" in page
    assert "Sums" in page
    assert "An Author" in page
    assert "1.2" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("query", ["q=sum", "q=SUMS", "tag=maths", "tag=maths&tag=fast"])
async def test_search_and_tags_are_in_the_address(owner: Visitor, query: str) -> None:
    page = (await owner.get(f"/services?{query}")).text
    assert "Sums" in page
    assert "Poems" not in page


async def test_live_search_is_sent_the_list_only(owner: Visitor) -> None:
    part = (await owner.get("/services?q=sum", headers=PART)).text
    assert part.lstrip().startswith('<div id="services"')
    assert "<html" not in part


async def test_no_match_says_what_to_do(owner: Visitor) -> None:
    page = (await owner.get("/services?q=zebra")).text
    assert "No service matches" in page
    assert "Show all services" in page


async def test_tags_that_nothing_has_can_be_taken_away(owner: Visitor) -> None:
    page = (await owner.get("/services?tag=zebra")).text
    assert "No service matches" in page
    assert re.search(r'value="zebra" checked', page)
    assert re.search(r'value="maths" checked', (await owner.get("/services?tag=Maths")).text)


@pytest.mark.parametrize(
    "element",
    [
        {"name": "no type"},
        {"type": 7, "name": "x"},
        {"type": "text", "name": ["x"]},
        {"type": "markdown", "text": 7},
        {"type": "html", "text": ["x"]},
        {"type": "select", "name": "x", "option": ["a", "b"]},
        {"type": "radio", "name": "x", "option": [{"label": "a"}]},
        {"type": "select", "name": "x", "option": 7},
        {"type": "../../layouts/base", "name": "x"},
        {"type": "_shell\x00", "name": "x"},
    ],
)
async def test_elements_that_do_not_fit_cost_no_form(
    panel: Panel, owner: Visitor, element: dict
) -> None:
    panel.service.elements = [element, *FORM]
    answer = await owner.get(PAGE)
    assert answer.status_code == 200
    assert 'name="title"' in answer.text


async def test_launching_leads_to_the_job(panel: Panel, owner: Visitor) -> None:
    answer = await owner.post(PAGE, {"title": "Rain", "secret": "hush", "loud": "on"})
    assert answer.status_code == 303
    path = answer.headers["location"]
    sent = panel.service.seen[-1]
    assert json.loads(sent.content) == {"title": "Rain", "secret": "hush", "loud": "on"}
    assert list(json.loads(sent.content)) == ["title", "secret", "loud"]
    assert path == f"/jobs/{sent.headers[headers.JOB]}"
    page = await owner.get(f"{path}?tab=inputs")
    assert "Rain" in page.text
    assert "hush" not in page.text
    assert "owner" in page.text


async def test_htmx_is_led_by_header(owner: Visitor) -> None:
    answer = await owner.post(PAGE, {"title": "Rain"}, headers=PART)
    assert answer.headers["hx-redirect"].startswith("/jobs/")
    assert answer.text == ""


@pytest.mark.parametrize("asked", [{}, PART], ids=["plain", "htmx"])
async def test_what_is_wrong_stands_beside_the_field(
    panel: Panel, owner: Visitor, asked: dict
) -> None:
    panel.service.mode = "reject"
    answer = await owner.post(PAGE, {"title": "Sn<ow", "secret": "hush"}, headers=asked)
    assert answer.status_code == 422
    page = answer.text
    assert page.index("Too plain.") > page.index('name="title"')
    assert 'value="Sn&lt;ow"' in page
    assert "hush" not in page
    assert "checked" not in page
    assert "Think again." in page
    assert "Lost." in page
    assert ("<html" in page) is not bool(asked)
    assert (await panel.domain.jobs.list(panel.users["boss"], JobFilter())).items == []


async def test_the_authors_words_are_shown_and_the_form_kept(panel: Panel, owner: Visitor) -> None:
    panel.service.mode = "fail"
    answer = await owner.post(PAGE, {"title": "Hail", "secret": "hush"})
    assert answer.status_code == 502
    assert "Set OPENAI_API_KEY first." in answer.text
    assert 'value="Hail"' in answer.text
    assert "hush" not in answer.text


async def test_a_service_that_is_away_keeps_the_browsers_form(panel: Panel, owner: Visitor) -> None:
    panel.service.mode = "down"
    shown = await owner.get(PAGE)
    assert shown.status_code == 200
    assert "does not answer" in shown.text
    answer = await owner.post(PAGE, {"title": "Hail"}, headers=PART)
    assert answer.status_code == 503
    assert answer.headers["hx-retarget"] == "#service-alert"
    assert 'id="service-alert"' in answer.text
