"""Telling people what went wrong: what happened and what to do, no tracebacks."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import click

WRONG_SETTINGS = 2


class Trouble(click.ClickException):
    """A foreseen failure, told as it is. The exit code is 1."""

    def show(self, file: object = None) -> None:
        """Print the message."""
        del file
        click.echo(f"koco: {self.message}", err=True)


class WrongSettings(Trouble):
    """Settings that cannot be used."""

    exit_code = WRONG_SETTINGS


@contextmanager
def telling(*, debug: bool = False) -> Iterator[None]:
    """Turn errors that come out of the block into one message and an exit code.

    With `debug` the traceback is printed before.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the last place to say something
        if debug:
            traceback.print_exc()
        _in_words(error).show()
        raise SystemExit(1) from None


def _in_words(error: Exception) -> Trouble:
    if _is_from_database(error):
        detail = " ".join(str(getattr(error, "orig", None) or error).split())
        return Trouble(f"The database does not work: {detail}. See KODO_DATABASE and KODO_DATA.")
    if _is_foreseen(error):
        return Trouble(str(error))
    if isinstance(error, OSError):
        return Trouble(_os_error(error))
    kind = type(error).__name__
    return Trouble(f"This should not happen: {kind}: {error}. `koco --debug …` tells where.")


def _os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}. Check that it is there and that you may use it."


def _is_foreseen(error: Exception) -> bool:
    """Tell whether it is a DomainError, without importing the domain."""
    return any(each.__name__ == "DomainError" for each in type(error).__mro__)


def _is_from_database(error: Exception) -> bool:
    return any(each.__name__ == "SQLAlchemyError" for each in type(error).__mro__)
