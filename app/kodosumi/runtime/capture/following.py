"""Following a job into its Ray tasks and actors.

Ray pickles a remote function or an actor's class once in a process, when it is first used, and
keeps it under an id of its own. While a job is followed, `.remote()` therefore acts on a stand-in:
the same remote function or actor class with an id of its own, and a parcel in the place of the code
(see `parcels`). Nobody but Ray ever sees the stand-in. Stand-ins are kept for one job only, since a
worker works for many.

This leans on the inside of Ray, as of 2.55 to 2.60: where it looks different, tasks run as they
are, and the job's log says so.
"""

import functools
import threading
import uuid
import weakref
from typing import Any

import ray
from ray.actor import ActorClass
from ray.remote_function import RemoteFunction

from kodosumi.runtime.capture.parcels import Parcel
from kodosumi.runtime.link import Postbox
from kodosumi.wire.events import Kind, dump

_TASK = {
    "_function",
    "_function_signature",
    "_inject_lock",
    "_is_cross_language",
    "_last_export_cluster_and_job",
    "_uuid",
}
_ACTOR = {
    "actor_creation_function_descriptor",
    "is_cross_language",
    "last_export_cluster_and_job",
    "modified_class",
}
_OWN = ("kodosumi.", "ray.serve.")
"""Modules whose tasks and actors are no part of a job, though it may be the first to use them."""


class _UnknownError(Exception):
    """Ray looks different inside than is known here."""


class Following:
    """The stand-ins of one job in this process."""

    def __init__(self, postbox: Postbox) -> None:
        self._postbox = postbox
        self._known: dict[int, tuple[weakref.ref[Any], Any]] = {}
        self._told = False

    def stand_in(self, remote: Any) -> Any:
        """Return what `.remote()` should act on instead of `remote`."""
        try:
            found = self._known.get(id(remote))
            stand_in = found[1] if found else self._make(remote)
        except Exception as exc:  # noqa: BLE001 - the author's task must run in any case
            self._tell(exc)
            return remote
        self._postbox.shared = self._postbox.shared or stand_in is not remote
        return stand_in

    def _make(self, remote: Any) -> Any:
        make = _task if isinstance(remote, RemoteFunction) else _actor
        stand_in = make(remote, self._postbox.outbox.job, self._postbox.namespace)
        if stand_in is not remote:
            key = id(remote)
            gone = weakref.ref(remote, lambda _: self._known.pop(key, None))
            self._known[key] = gone, stand_in
        return stand_in

    def _tell(self, exc: Exception) -> None:
        if not self._told:
            self._told = True
            note = (
                f"What Ray tasks and actors of this job print is not shown: Ray {ray.__version__} "
                f"is not known well enough ({type(exc).__name__}: {exc})."
            )
            self._postbox.emit(Kind.STDERR, dump(note))


def _task(remote: Any, job: str, namespace: str) -> Any:
    state = vars(remote)
    _expect(state, _TASK)
    function = state["_function"]
    if state["_is_cross_language"] or isinstance(function, Parcel) or _is_own(function):
        return remote
    return _copy(
        remote,
        remote=None,  # it would keep the original alive
        _function=Parcel(function, job, namespace),
        _function_signature=None,
        _inject_lock=threading.Lock(),
        _uuid=uuid.uuid4(),
        _last_export_cluster_and_job=None,
    )


def _actor(remote: Any, job: str, namespace: str) -> Any:
    meta = remote.__ray_metadata__
    _expect(vars(meta), _ACTOR)
    cls = meta.modified_class
    if meta.is_cross_language or isinstance(cls, Parcel) or _is_own(cls):
        return remote
    descriptor = meta.actor_creation_function_descriptor
    same_name = type(descriptor).from_class(cls.__ray_actor_class__)
    captured = _copy(
        meta,
        modified_class=Parcel(cls, job, namespace),
        actor_creation_function_descriptor=same_name,
        last_export_cluster_and_job=None,
    )
    return _copy(remote, __ray_metadata__=captured)


def _expect(state: dict[str, Any], names: set[str]) -> None:
    missing = names - state.keys()
    if missing:
        msg = f"no {', '.join(sorted(missing))}"
        raise _UnknownError(msg)


def _is_own(content: Any) -> bool:
    return str(content.__module__).startswith(_OWN)


def _copy(original: Any, **changes: Any) -> Any:
    """Return a shallow copy, made without asking the author's class for it."""
    copied = object.__new__(type(original))
    vars(copied).update(vars(original), **changes)
    return copied


_lock = threading.Lock()
_originals: dict[type, Any] = {}


def follow(postbox: Postbox | None) -> None:
    """Follow the job of `postbox` from now on; None gives Ray back what is Ray's."""
    with _lock:
        for cls, original in _originals.items():
            cls._remote = original  # type: ignore[attr-defined]
        _originals.clear()
        if postbox:
            following = Following(postbox)
            for cls in (RemoteFunction, ActorClass):
                _originals[cls] = cls._remote
                cls._remote = _followed(cls._remote, following)  # type: ignore[method-assign]


def _followed(original: Any, following: Following) -> Any:
    @functools.wraps(original)
    def _remote(self: Any, *args: Any, **kwargs: Any) -> Any:
        return original(following.stand_in(self), *args, **kwargs)

    return _remote
