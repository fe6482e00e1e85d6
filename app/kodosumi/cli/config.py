"""The settings of a command: its flags over the environment over `.env`."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from kodosumi.cli.failures import WrongSettings
from kodosumi.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

_PREFIX = "KODO_"
_SECRET = frozenset({"KODO_ADMIN_PASSWORD", "KODO_DATABASE"})


def panel_options(command: Command) -> Command:
    """Add the flags of commands that run the panel."""
    options = (
        click.option("--host", help="Address that the panel listens on."),
        click.option("--port", type=int, help="Port that the panel listens on."),
        click.option("--data", type=click.Path(path_type=Path), help="Folder of its data."),
        click.option(
            "--register",
            "register",
            multiple=True,
            metavar="URL",
            help="More services; repeatable.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def load(register: Iterable[str] = (), *, warn: bool = True, **flags: Any) -> Settings:
    """Return the settings; a flag that is None was not given. `warn` of variables unknown.

    Raises:
        WrongSettings: told in one line.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    if urls := tuple(register):
        given["KODO_REGISTER"] = urls
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise WrongSettings(_in_words(error.errors()[0], given)) from None
    for name in unknown(environment()) if warn else ():
        click.echo(f"koco: {name} is not a setting of kodosumi; it changes nothing.", err=True)
    return settings


def environment() -> dict[str, str]:
    """Return the environment over what `.env` in the current folder says."""
    file = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return {**file, **os.environ}


def for_services(base: dict[str, str], settings: Settings) -> dict[str, str]:
    """Return `base` for the services on Ray: without the panel's secrets, with its namespace."""
    kept = {name: value for name, value in base.items() if name not in _SECRET}
    return {**kept, "KODO_NAMESPACE": settings.namespace}


def unknown(names: Iterable[str]) -> list[str]:
    """Return the names that look like settings and are none."""
    known = {_variable(name) for name in Settings.model_fields}
    return sorted(name for name in names if name.startswith(_PREFIX) and name not in known)


def _variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{_PREFIX}{field.upper()}"


def _in_words(error: ErrorDetails, given: dict[str, Any]) -> str:
    """Word the first thing that is wrong: which setting, its value, why, where to mend it."""
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return f"{message[0].upper()}{message[1:]}."
    field = str(error["loc"][0])
    variable = field if field.startswith(_PREFIX) else _variable(field)
    value = "" if variable in _SECRET or isinstance(error["input"], SecretStr) else error["input"]
    if field in given:
        return f"--{field.replace('_', '-')} {value} is not possible: {message}."
    shown = f"{variable}={value}" if value != "" else variable
    return f"{shown} is not possible: {message}. Correct it in the environment or in .env."
