"""Ray that is not there, comes, goes and comes back, while the panel stays."""

from collections.abc import Iterator

import httpx
import pytest

from tests.live import Live, LoopThread, PanelProcess, Visitor, wait_until

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def away(loop_thread: LoopThread, tmp_path) -> Iterator[Live]:
    """A Ray that has not been started."""
    live = Live(loop_thread, tmp_path)
    yield live
    live.stop()


@pytest.fixture
def panel(away: Live) -> Iterator[PanelProcess]:
    panel = away.panel()
    panel.start()
    yield panel
    panel.stop()


def ray_is(panel: PanelProcess, state: str) -> bool:
    return bool(httpx.get(f"{panel.url}/health").json()["ray"] == state)


def banner(admin: Visitor, text: str) -> bool:
    page = admin.http.get("/jobs")
    return page.is_success and text in page.text


def test_the_panel_outlives_ray_and_takes_it_up_again(away: Live, panel: PanelProcess) -> None:
    admin = panel.sign_in()
    assert ray_is(panel, "down")
    assert banner(admin, "Ray")

    away.start()
    away.deploy(["simple"])
    wait_until(lambda: ray_is(panel, "up"), "joining Ray")
    done = admin.launch("Print lines", count="5")
    admin.wait_for(done, "finished")
    sleeping = admin.launch("Sleep", kind="nap", seconds="600")
    admin.wait_for(sleeping, "running")

    away.kill()
    wait_until(lambda: ray_is(panel, "down"), "noticing that Ray is gone")
    assert banner(admin, "Ray")
    assert "line 5" in admin.http.get(f"/jobs/{done}?tab=log").text
    answer = admin.submit(f"/jobs/{sleeping}", f"/jobs/{sleeping}/termination", reason="")
    assert answer.status_code == 503
    assert admin.job(sleeping)["status"] == "running"

    away.start()
    away.deploy(["simple"])
    wait_until(lambda: ray_is(panel, "up"), "joining the new Ray")
    lost = admin.wait_for(sleeping, "lost")
    assert "Ray was stopped" in lost["reason"]
    wait_until(lambda: httpx.get(f"{panel.url}/health").json()["catalogue"] == "up", "Serve")
    admin.wait_for(admin.launch("Print lines", count="5"), "finished")
