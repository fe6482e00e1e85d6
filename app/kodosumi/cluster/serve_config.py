"""Serve config files: reading them, and saying in plain words what is wrong with one."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from kodosumi.domain.errors import DomainError

Config = dict[str, Any]
"""A Serve config as Ray's REST API takes it."""


class ConfigError(DomainError):
    """A Serve config that cannot be deployed; the text tells where and why."""


def read_config(path: Path) -> Config:
    """Read a Serve config file.

    Raises:
        ConfigError: it is not there, or not YAML of the expected form.
    """
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}."
        raise ConfigError(msg) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        msg = f"{path} is not YAML: {_one_line(error)}"
        raise ConfigError(msg) from error
    if not isinstance(config, dict) or not isinstance(config.get("applications"), list):
        msg = f"{path} has no list `applications`. It must be a config file of Ray Serve."
        raise ConfigError(msg)
    return config


def check_config(config: Config, name: object) -> None:
    """Check a config against Serve's schema; imports Ray, so run it in a thread.

    Raises:
        ConfigError: told with `name`, and with each wrong place.
    """
    from ray.serve.schema import ServeDeploySchema  # noqa: PLC0415 - takes more than a second

    try:
        ServeDeploySchema.model_validate(config)
    except ValidationError as error:
        places = [f"{_place(each['loc'])}: {each['msg']}" for each in error.errors()]
        msg = "\n  ".join([f"{name} cannot be deployed:", *places])
        raise ConfigError(msg) from error


def names(config: Config) -> list[str]:
    """Return the names of the applications."""
    return [str(app.get("name", "default")) for app in config["applications"]]


def pick(config: Config, wanted: list[str]) -> Config:
    """Return `config` with only the `wanted` applications.

    Raises:
        ConfigError: one of them is not there.
    """
    if unknown := sorted(set(wanted) - set(names(config))):
        known = ", ".join(names(config)) or "none"
        msg = f"There is no application {', '.join(unknown)}. There is: {known}."
        raise ConfigError(msg)
    apps = [app for app in config["applications"] if app.get("name", "default") in wanted]
    return {**config, "applications": apps}


def listen_on(config: Config, host: str, port: int) -> Config:
    """Return `config` with Serve's HTTP on `host` and `port`."""
    options = {**(config.get("http_options") or {}), "host": host, "port": port}
    return {"proxy_location": "HeadOnly", **config, "http_options": options}


def _place(loc: tuple[int | str, ...]) -> str:
    """Word a place: ("applications", 0, "name") is applications[0].name."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).lstrip(".") or "the file"


def _one_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or error}."
