"""Hand-written pages: foreign scripts, kept in a frame, let in by a signed address."""

import html
import re

import pytest
from panel import JOB, NOW, SERVICE, Panel, Visitor

from kodosumi.domain.jobs.views import JobFilter
from kodosumi.web.auth import SESSION_COOKIE
from kodosumi.web.capability import LIFETIME, Capability, unseal
from kodosumi.wire import headers


@pytest.fixture
async def source(panel: Panel, owner: Visitor) -> str:
    panel.service.mode = "html"
    page = (await owner.get(f"/services/{SERVICE}")).text
    frame = re.search(r"<iframe[^>]*>", page)[0]
    assert 'sandbox="allow-forms allow-scripts"' in frame
    assert "steal()" not in page
    return html.unescape(re.search(r'src="([^"]+)"', frame)[1])


async def test_shows_the_page_without_the_panels_rights(
    panel: Panel, nobody: Visitor, source: str
) -> None:
    nobody.client.cookies.set(SESSION_COOKIE, "stolen")
    answer = await nobody.get(source, headers={"authorization": "x"})
    assert "steal()" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-forms allow-scripts;" in policy
    assert "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "set-cookie" not in answer.headers
    sent = panel.service.seen[-1].headers
    assert "cookie" not in sent
    assert "authorization" not in sent


async def test_a_launch_is_told_to_the_page_around(
    panel: Panel, nobody: Visitor, source: str
) -> None:
    answer = await nobody.client.post(source, data={"x": "1"})
    job_id = re.search(r'job: "([0-9a-f]{24})"', answer.text)[1]
    nonce = re.search(r'<script nonce="([^"]+)"', answer.text)[1]
    assert f"script-src 'nonce-{nonce}'" in answer.headers["content-security-policy"]
    assert "Job started" in answer.text
    row = await panel.domain.jobs.row(panel.users["owner"], job_id)
    assert row.owner_name == "owner"
    assert row.service.id == SERVICE
    assert panel.service.seen[-1].content == b"x=1"


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.replace("3.", "1.", 1),
        lambda _: "1",
        lambda _: "...",
    ],
)
async def test_forged_addresses_are_refused(
    panel: Panel, nobody: Visitor, source: str, forge
) -> None:
    seen = len(panel.service.seen)
    token = source.split("/")[2]
    assert (await nobody.get(f"/frame/{forge(token)}/")).status_code == 403
    assert len(panel.service.seen) == seen


async def test_disabled_people_are_refused(panel: Panel, nobody: Visitor, source: str) -> None:
    await panel.domain.people.disable("owner")
    assert (await nobody.get(source)).status_code == 403


async def test_nothing_above_the_service_is_reached(nobody: Visitor, source: str) -> None:
    assert (await nobody.get(f"{source}%2e%2e/other")).status_code == 404


@pytest.mark.parametrize(
    ("location", "within"),
    [
        ("http://serve.test/poems/next?a=1", "/frame/T/next?a=1"),
        ("/poems/next", "/frame/T/next"),
        ("next?a=1", "next?a=1"),
        ("https://evil.test", "/frame/T/"),
        ("//evil.test", "/frame/T/"),
        ("\\\\evil.test", "/frame/T/"),
        ("javascript:alert(1)", "/frame/T/alert(1)"),
        ("http://[", "/frame/T/"),
    ],
)
async def test_redirects_stay_within_the_frame(
    panel: Panel, nobody: Visitor, source: str, location: str, within: str
) -> None:
    panel.service.headers = {"location": location}
    answer = await nobody.get(source)
    token = source.split("/")[2]
    assert answer.headers["location"] == within.replace("/T/", f"/{token}/")


async def test_a_page_that_is_only_looked_at_starts_no_job(
    panel: Panel, nobody: Visitor, source: str
) -> None:
    panel.service.headers = {headers.LAUNCH: JOB}
    assert "Job started" not in (await nobody.get(source)).text
    assert (await panel.domain.jobs.list(panel.users["boss"], JobFilter())).items == []


async def test_failures_are_shown_in_the_frame(panel: Panel, owner: Visitor, source: str) -> None:
    panel.service.mode = "down"
    failed = await owner.get(source)
    expired = await owner.get("/frame/1.2.3.4/")
    assert (failed.status_code, expired.status_code) == (503, 403)
    assert "does not answer" in failed.text
    assert "Reload the page" in expired.text
    for answer in (failed, expired):
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "_csrf" not in answer.text


async def test_nobody_in_between_keeps_a_page(panel: Panel, nobody: Visitor, source: str) -> None:
    panel.service.headers = {"cache-control": "public, max-age=600"}
    assert (await nobody.get(source)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("status", [204, 304, 401, 404, 418, 503])
async def test_any_status_is_passed(
    panel: Panel, nobody: Visitor, source: str, status: int
) -> None:
    panel.service.status = status
    panel.service.headers = {"www-authenticate": "Basic", "refresh": "0; //evil.test"}
    answer = await nobody.get(source, headers={b"accept-language": b"\xe4"})
    assert answer.status_code == status
    assert "www-authenticate" not in answer.headers
    assert "refresh" not in answer.headers
    assert "sandbox" in answer.headers["content-security-policy"]


def test_addresses_run_out(panel: Panel) -> None:
    signer = panel.app.state.signer
    token = Capability(1, SERVICE, int(NOW) + LIFETIME).seal(signer)
    assert unseal(token, signer, NOW) == Capability(1, SERVICE, int(NOW) + LIFETIME)
    assert unseal(token, signer, NOW + LIFETIME) is None
