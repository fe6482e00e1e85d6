"""How functions and classes travel to the workers that run a job's tasks and actors.

What Ray pickles is a parcel. It is opened by a function that travels by value, and so needs nothing
there: where kodosumi is not installed, the parcel gives what was put in, and nothing is captured.
"""

from collections.abc import Callable
from typing import Any


class Parcel:
    """Looks like what is in it; is opened when it is unpickled."""

    def __init__(self, content: Any, job: str, namespace: str) -> None:
        self.__wrapped__ = content
        self.__name__ = content.__name__
        self.__qualname__ = content.__qualname__
        self.__module__ = content.__module__
        self.__doc__ = content.__doc__
        self._address = job, namespace

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["__wrapped__"], name)

    def __dir__(self) -> list[str]:
        return dir(self.__wrapped__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do what the content does."""
        return self.__wrapped__(*args, **kwargs)

    def __reduce__(self) -> tuple[object, tuple[Any, str, str]]:
        return _open, (self.__wrapped__, *self._address)


def _by_value() -> Callable[[Any, str, str], Any]:
    """Return a function that cloudpickle does not find by its name, and therefore copies."""

    def open_parcel(content: Any, job: str, namespace: str) -> Any:
        import importlib  # noqa: PLC0415 - this runs elsewhere

        try:
            visits = importlib.import_module("kodosumi.runtime.capture.visits")
        except ImportError:
            return content
        return visits.carried(content, job, namespace)

    return open_parcel


_open = _by_value()
