"""Who may do what: one rule in Python, `may`, and its twin in SQL, `visible_jobs`."""

from enum import StrEnum
from typing import Protocol, runtime_checkable

from sqlalchemy import ColumnElement, false, true

from kodosumi.domain.db import Base
from kodosumi.domain.people.models import Role, User


class Action(StrEnum):
    """What a person may want to do."""

    SEE = "see"
    """Look at a job or a service."""
    LAUNCH = "launch"
    """Start a service."""
    CHANGE = "change"
    """Cancel, kill, answer or delete a job."""
    OPERATE = "operate"
    """Read tracebacks, register services, deploy."""
    ADMINISTER = "administer"
    """Add, change and disable people."""


@runtime_checkable
class Owned(Protocol):
    """A thing that belongs to a person, such as a job."""

    owner_id: int | None


OPERATORS = frozenset({Role.ADMIN, Role.OPERATOR})
READERS = OPERATORS | {Role.AUDITOR}


def may(user: User | None, action: Action, thing: object = None) -> bool:
    """Tell whether `user` may do `action`, to `thing` if it is about one.

    Services are open to all who are signed in; jobs belong to their owners.
    """
    if user is None or not user.active:
        return False
    match action:
        case Action.SEE:
            return user.role in READERS or not isinstance(thing, Owned) or _owns(user, thing)
        case Action.LAUNCH:
            return user.role != Role.AUDITOR
        case Action.CHANGE:
            return user.role in OPERATORS or (user.role == Role.MEMBER and _owns(user, thing))
        case Action.OPERATE:
            return user.role in OPERATORS
        case Action.ADMINISTER:
            return user.role == Role.ADMIN


def visible_jobs(user: User) -> ColumnElement[bool]:
    """Return the SQL condition on jobs that is true where `may(user, Action.SEE, job)` is."""
    if not user.active:
        return false()
    if user.role in READERS:
        return true()
    # By name, because the package of jobs imports this module.
    return Base.metadata.tables["jobs"].c.owner_id == user.id


def _owns(user: User, thing: object) -> bool:
    return isinstance(thing, Owned) and thing.owner_id == user.id
