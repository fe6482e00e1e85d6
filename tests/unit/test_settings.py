"""Settings: where they come from, and how wrong ones are told."""

from pathlib import Path

import pytest

from kodosumi.cli.config import environment, for_services, load, unknown
from kodosumi.cli.failures import WrongSettings
from kodosumi.settings import Settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, without settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"KODO_{name.upper()}", raising=False)
    return tmp_path


def complaint(**flags: object) -> str:
    with pytest.raises(WrongSettings) as raised:
        load(**flags)
    assert raised.value.exit_code == 2
    return raised.value.message


def test_flags_come_before_the_environment_and_that_before_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("KODO_PORT=4001\nKODO_NAMESPACE=file\nKODO_REFRESH=9\n")
    monkeypatch.setenv("KODO_PORT", "4002")
    monkeypatch.setenv("KODO_NAMESPACE", "environment")
    settings = load(port=4003, host=None)
    assert (settings.port, settings.namespace, settings.refresh) == (4003, "environment", 9)
    assert settings.host == "127.0.0.1"


def test_empty_values_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KODO_PORT", "")
    assert load().port == 3370


def test_services_are_registered_by_flag_or_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KODO_REGISTER", "http://a/, http://b/")
    assert load().register_urls == ("http://a/", "http://b/")
    assert load(register=("http://c/",)).register_urls == ("http://c/",)


def test_a_wrong_variable_is_told_with_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KODO_PORT", "99999")
    text = complaint()
    assert text.startswith("KODO_PORT=99999 ")
    assert "65535" in text
    assert "\n" not in text


def test_a_wrong_flag_is_told_as_a_flag() -> None:
    assert complaint(port=0).startswith("--port 0 ")


def test_off_loopback_a_password_is_asked_for() -> None:
    assert "KODO_ADMIN_PASSWORD" in complaint(host="0.0.0.0")


def test_secrets_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KODO_ADMIN_PASSWORD", "hush-hush")
    monkeypatch.setenv("KODO_PORT", "x")
    assert "hush" not in complaint()
    assert "hush" not in repr(Settings(port=1))


def test_unknown_variables_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KODO_PROT", "1")
    load()
    assert "KODO_PROT" in capsys.readouterr().err
    assert unknown(["KODO_REGISTER", "KODO_PORT", "PATH"]) == []


def test_services_get_the_file_but_not_the_panels_secrets(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("OPENAI_API_KEY=key\nKODO_ADMIN_PASSWORD=hush\n")
    monkeypatch.setenv("KODO_DATABASE", "postgresql+asyncpg://u:p@localhost/k")
    env = for_services(environment(), load(namespace="mine"))
    assert env["OPENAI_API_KEY"] == "key"
    assert env["KODO_NAMESPACE"] == "mine"
    assert not {"KODO_ADMIN_PASSWORD", "KODO_DATABASE"} & env.keys()
