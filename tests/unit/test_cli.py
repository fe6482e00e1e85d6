"""`koco`: what it says when something is wrong, and what it does without Ray."""

import io
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kodosumi.cli.main import main
from kodosumi.cluster.serve_config import ConfigError, check_config, listen_on, pick, read_config
from kodosumi.settings import Settings

GOOD = """
applications:
  - {name: one, route_prefix: /one, import_path: "one:app"}
  - {name: two, route_prefix: /two, import_path: "two:app"}
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the data below it and no settings."""
    monkeypatch.chdir(tmp_path)
    for name in (
        *(f"KODO_{each.upper()}" for each in Settings.model_fields),
        "RAY_DASHBOARD_ADDRESS",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call koco; return its exit code, output and errors."""

    def call(*words: str, given: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        with pytest.raises(SystemExit) as ended:
            main(words)
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return call


@pytest.fixture
def closed() -> str:
    """The URL of a port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


def test_help_is_there_without_what_is_heavy() -> None:
    code = (
        "import sys\nfrom kodosumi.cli.main import main\n"
        "try:\n    main(['--help'])\nfinally:\n    print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Start all of it" in done.stdout
    heavy = {"ray", "litestar", "sqlalchemy", "pydantic", "httpx", "uvicorn"}
    assert not heavy & set(done.stdout.split())


def test_every_command_helps(run: Run) -> None:
    for command in ("start", "serve", "spool", "deploy", "user", "db", "dev"):
        code, out, _ = run(command, "--help")
        assert (code, out[:12]) == (0, "Usage: koco ")


def test_wrong_settings_end_with_2_and_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KODO_REFRESH", "soon")
    code, _, err = run("serve")
    assert code == 2
    assert err.startswith("koco: KODO_REFRESH=soon is not possible")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "start"])
def test_a_port_in_use_is_one_clear_line(run: Run, folder: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "kodosumi", command, "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1


def test_people_are_added_listed_and_shut_out(run: Run) -> None:
    add = ("user", "add", "ada", "--role", "operator", "--password-stdin")
    assert run(*add, given="long enough\n")[0] == 0
    code, _, err = run(*add, given="long enough\n")
    assert code == 1
    assert "ada" in err
    assert run("user", "add", "bob", "--password-stdin", given="short\n")[2].count("\n") == 1
    assert run("user", "passwd", "ada", "--password-stdin", given="longer still\n")[0] == 0
    assert (
        run("user", "add", "eve", "--role", "admin", "--password-stdin", given="12345678\n")[0] == 0
    )
    assert run("user", "disable", "ada")[0] == 0
    rows = [line.split() for line in run("user", "list")[1].splitlines()]
    assert rows == [["ada", "operator", "disabled"], ["eve", "admin", "active"]]
    assert run("user", "enable", "nobody")[0] == 1


def test_the_database_is_upgraded_and_checked(run: Run) -> None:
    code, _, err = run("db", "check")
    assert code == 1
    assert "koco db upgrade" in err
    assert "Upgraded to" in run("db", "upgrade")[1]
    assert "Already at" in run("db", "upgrade")[1]
    assert run("db", "check")[0] == 0
    assert "needed" in run("db", "current")[1]


def test_a_database_that_cannot_be_had_is_told(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KODO_DATABASE", "nonsense")
    code, _, err = run("db", "current")
    assert code == 2
    assert err.startswith("koco: KODO_DATABASE ")
    monkeypatch.setenv("KODO_DATABASE", "")
    (folder / "data").touch()
    code, _, err = run("db", "current")
    assert code == 2
    assert "cannot be written" in err


def test_the_spooler_that_does_not_run_says_so(run: Run) -> None:
    assert run("spool", "--status")[0] == 1
    assert run("spool", "--stop") == (0, "The spooler does not run.\n", "")


def test_examples_need_a_checkout_and_ray(run: Run, folder: Path) -> None:
    assert run("start", "--no-ray", "--examples")[0] == 2
    (folder / "apps").mkdir()
    (folder / "apps" / "config.yaml").write_text(GOOD)
    code, _, err = run("start", "--examples", "three")
    assert code == 1
    assert "one, two" in err


def test_a_dashboard_that_is_away_is_told(run: Run, closed: str) -> None:
    code, _, err = run("deploy", "--status", "--dashboard", closed)
    assert code == 1
    assert closed in err
    assert err.count("\n") == 1


def test_a_dry_run_works_without_ray(run: Run, folder: Path, closed: str) -> None:
    (folder / "config.yaml").write_text(GOOD)
    code, out, _ = run("deploy", "--dry-run", "--json", "--dashboard", closed)
    assert code == 0
    assert json.loads(out) == {"add": ["one", "two"], "update": [], "remove": []}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [b", "line 1"),
        ("- a", "applications"),
        ("applications: none", "applications"),
        (GOOD.replace("import_path", "path"), "applications[0].import_path"),
    ],
)
def test_wrong_config_files_are_told_with_the_place(folder: Path, text: str, told: str) -> None:
    file = folder / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as raised:
        check_config(read_config(file), file.name)
    assert told in str(raised.value)
    assert file.name in str(raised.value)


def test_applications_are_picked_and_the_port_is_set(folder: Path) -> None:
    (folder / "config.yaml").write_text(GOOD + "http_options: {port: 8001, root_path: /x}")
    config = listen_on(pick(read_config(folder / "config.yaml"), ["two"]), "127.0.0.1", 9)
    assert [app["name"] for app in config["applications"]] == ["two"]
    assert config["http_options"] == {"host": "127.0.0.1", "port": 9, "root_path": "/x"}
