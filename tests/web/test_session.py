"""Sign-in, sign-out, CSRF."""

import pytest
from panel import JOB, Panel, Visitor
from sqlalchemy import delete

from kodosumi.domain.people.models import User
from kodosumi.web.auth import SESSION_COOKIE, local_path
from kodosumi.web.csrf import PRE_SESSION_COOKIE


@pytest.fixture
async def known(panel: Panel) -> str:
    await panel.domain.people.add("rosa", "a long password")
    return "a long password"


async def test_signs_in_and_out(nobody: Visitor, known: str) -> None:
    asked = await nobody.get("/jobs?mine=on")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?redirect=/jobs%3Fmine%3Don"
    form = await nobody.get(asked.headers["location"])
    assert 'value="/jobs?mine=on"' in form.text
    cookie = form.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie

    answer = await nobody.post(
        "/login", {"name": "Rosa", "password": known, "redirect": "/jobs?mine=on"}
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/jobs?mine=on"
    assert PRE_SESSION_COOKIE not in nobody.client.cookies
    assert (await nobody.get("/jobs")).status_code == 200

    await nobody.post("/logout")
    assert SESSION_COOKIE not in nobody.client.cookies
    assert (await nobody.get("/jobs")).status_code == 303


@pytest.mark.parametrize(
    ("host", "good"),
    [("127.0.0.1:3370", True), ("localhost", True), ("[::1]:3370", True),
     ("evil.test:3370", False), ("[", False), ("", False)],
)  # fmt: skip
async def test_the_default_password_is_good_on_this_machine_only(
    panel: Panel, nobody: Visitor, host: str, *, good: bool
) -> None:
    async with panel.domain.db.transaction() as session:
        await session.execute(delete(User))
    await panel.domain.people.ensure_first_admin(None, on_loopback=True)
    form = {"name": "admin", "password": "admin"}
    answer = await nobody.post("/login", form, headers={"host": host})
    assert answer.status_code == (303 if good else 401)
    assert ("koco user passwd admin" in answer.text) is not good
    wrong = await nobody.post("/login", form | {"password": "wrong"}, headers={"host": host})
    assert "Name or password is wrong" in wrong.text


async def test_a_session_that_was_ended_elsewhere_is_over(panel: Panel, owner: Visitor) -> None:
    await panel.domain.people.sign_out(owner.client.cookies[SESSION_COOKIE])
    assert (await owner.get("/jobs")).status_code == 303


async def test_a_wrong_password_keeps_the_name_only(nobody: Visitor, known: str) -> None:
    answer = await nobody.post("/login", {"name": "rosa", "password": "wrong one"})
    assert answer.status_code == 401
    assert 'value="rosa"' in answer.text
    assert "wrong one" not in answer.text
    assert SESSION_COOKIE not in nobody.client.cookies


async def test_the_cookie_is_secure_behind_https(nobody: Visitor, known: str) -> None:
    nobody.client.base_url = "https://panel.test"
    answer = await nobody.post("/login", {"name": "rosa", "password": known})
    cookies = answer.headers.get_list("set-cookie")
    assert any(c.startswith(SESSION_COOKIE) and "secure" in c.lower() for c in cookies)
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    "target",
    ["//evil.test", "https://evil.test/", "/\\evil.test", "\\/evil.test", "evil", "/a\nb", "",
     "/\t/evil.test", "javascript:alert(1)", "//[", "http://["],
)  # fmt: skip
def test_only_paths_of_the_panel_are_led_to(target: str) -> None:
    assert local_path(target) == "/"


async def test_addresses_in_any_script_are_led_to(owner: Visitor) -> None:
    answer = await owner.get("/login?redirect=/jobs?q=%E6%97%A5%2520x")
    assert answer.headers["location"] == "/jobs?q=%E6%97%A5%20x"


async def test_an_odd_cookie_is_no_obstacle(nobody: Visitor) -> None:
    odd = {"cookie": f"{PRE_SESSION_COOKIE}=%ed%a0%80"}
    assert (await nobody.get("/login", headers=odd)).status_code == 200


def test_paths_keep_their_query() -> None:
    assert local_path("/jobs?q=a//b#L7") == "/jobs?q=a//b#L7"


@pytest.mark.parametrize("token", ["", "x", None])
async def test_nothing_changes_without_the_token(
    panel: Panel, owner: Visitor, token: str | None
) -> None:
    await panel.job()
    form = {} if token is None else {"_csrf": token}
    answer = await owner.client.post(f"/jobs/{JOB}/termination", data=form)
    assert answer.status_code == 403
    assert (await panel.domain.jobs.get(panel.users["owner"], JOB)).status == "running"


async def test_the_token_of_another_session_is_refused(panel: Panel, owner: Visitor) -> None:
    other = await (await panel.visitor("boss")).token()
    assert (await owner.client.post("/logout", data={"_csrf": other})).status_code == 403
    own = {"x-csrf-token": await owner.token()}
    assert (await owner.client.post("/logout", headers=own)).status_code == 303


async def test_sign_in_needs_the_browsers_own_token(panel: Panel, known: str) -> None:
    one, two = await panel.visitor(), await panel.visitor()
    await two.get("/login")
    form = {"name": "rosa", "password": known, "_csrf": await one.token()}
    assert (await two.client.post("/login", data=form)).status_code == 403
