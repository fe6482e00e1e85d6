"""Jobs on a real Ray, through the panel's front door."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.live import PanelProcess, Visitor, wait_until

pytestmark = [pytest.mark.ray, pytest.mark.timeout(300)]


def texts(events: list[dict], *kinds: str) -> list[str]:
    return [event["payload"] for event in events if event["kind"] in kinds]


def gone(pid: int) -> bool:
    """Tell whether there is no such process, or only what is left until its parent looks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def complete(events: list[dict]) -> bool:
    return [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_armstrong_numbers_are_found_by_ray_tasks_and_told_piece_by_piece(admin: Visitor) -> None:
    job = admin.launch("Armstrong numbers", limit="100000", tasks="4")
    assert admin.wait_for(job, "finished", "error")["status"] == "finished"
    events = admin.events(job)
    assert complete(events)
    assert len(texts(events, "result")) >= 2
    assert "93,084" in str(texts(events, "final"))
    assert events[-1]["kind"] == "status"


def test_two_jobs_run_at_once_and_keep_apart(admin: Visitor) -> None:
    with ThreadPoolExecutor(2) as pool:
        jobs = list(pool.map(lambda n: admin.launch("Print lines", count=str(n)), (300, 400)))
    for job, count in zip(jobs, (300, 400), strict=True):
        admin.wait_for(job, "finished")
        assert len(texts(admin.events(job), "stdout")) == count


def test_two_thousand_lines_arrive_each_once_and_in_order(admin: Visitor) -> None:
    job = admin.launch("Print lines", count="2000")
    admin.wait_for(job, "finished")
    events = admin.events(job)
    assert complete(events)
    numbers = [int("".join(filter(str.isdigit, text))) for text in texts(events, "stdout")]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 2000


@pytest.mark.parametrize("kind", ["private", "public"])
def test_a_job_that_raises_tells_type_and_message(admin: Visitor, kind: str) -> None:
    job = admin.launch("Fail", kind=kind, message="It broke badly.")
    told = admin.wait_for(job, "error")
    assert told["error"]["message"] == "It broke badly."
    page = admin.http.get(f"/jobs/{job}").text
    assert "It broke badly." in page
    assert "Traceback" in page


@pytest.mark.parametrize("kind", ["nap", "nap_sync", "stubborn"])
def test_a_cancelled_job_ends_by_itself_or_is_ended(admin: Visitor, kind: str) -> None:
    job = admin.launch("Sleep", kind=kind, seconds="300")
    admin.wait_for(job, "running")
    admin.submit(f"/jobs/{job}", f"/jobs/{job}/cancellation")
    told = admin.wait_for(job, "cancelled")
    assert told["ended_by"] == "admin"
    assert complete(admin.events(job))


def test_a_thread_that_a_job_leaves_behind_ends_with_it(admin: Visitor) -> None:
    job = admin.launch("Sleep", kind="haunted", seconds="1")
    admin.wait_for(job, "finished")
    events = admin.events(job)
    assert complete(events)
    assert events[-1]["kind"] == "status"
    pid = next(event["payload"]["pid"] for event in events if event["kind"] == "meta")
    wait_until(lambda: gone(pid), "the runner's process to be gone", 20)


def test_a_job_whose_process_ends_itself_failed_and_keeps_its_log(admin: Visitor) -> None:
    job = admin.launch("Sleep", kind="vanishing", seconds="1")
    assert "exit code 3" in admin.wait_for(job, "error")["reason"]
    assert "last words" in str(texts(admin.events(job), "stdout"))


def test_a_killed_job_keeps_its_log_and_tells_who(admin: Visitor) -> None:
    job = admin.launch("Sleep", kind="stubborn", seconds="300")
    admin.wait_for(job, "running")
    admin.submit(f"/jobs/{job}", f"/jobs/{job}/termination", reason="enough")
    told = admin.wait_for(job, "killed")
    assert (told["ended_by"], told["reason"]) == ("admin", "enough")
    assert complete(admin.events(job))
    assert admin.submit(f"/jobs/{job}", f"/jobs/{job}/deletion").url.path == "/jobs"
    assert admin.http.get(f"/jobs/{job}").status_code == 404


def test_a_job_goes_on_while_the_panel_is_killed_and_nothing_is_lost(
    admin: Visitor, panel_process: PanelProcess
) -> None:
    job = admin.launch("Sleep", kind="nap", seconds="6")
    admin.wait_for(job, "running")
    panel_process.kill()
    panel_process.start()
    admin.wait_for(job, "finished")
    events = admin.events(job)
    assert complete(events)
    assert events[-1]["kind"] == "status"
    progress = [event["payload"]["done"] for event in events if event["kind"] == "progress"]
    assert progress == sorted(set(progress))
