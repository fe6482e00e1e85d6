"""The errors of the domain.

DomainError
├── NotFoundError      there is no such thing, or none that you may see
├── NotAllowedError    you may see it, but not do this
├── ConflictError      the state of the thing does not allow it now
├── InvalidError       what was given is wrong, said field by field
├── UnavailableError   something outside the panel does not answer
└── ServiceError       the author's code failed

`str(error)` is for people: what happened, and what to do about it.
"""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A foreseen failure; its text may be shown as it is."""


class NotFoundError(DomainError):
    """There is no such thing, or none that this person may see."""


class NotAllowedError(DomainError):
    """This person may not do this."""


class ConflictError(DomainError):
    """The thing is in a state that does not allow this."""


class InvalidError(DomainError):
    """Values that cannot be taken. `fields` maps each field's name to its messages."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = {name: list(messages) for name, messages in fields.items()}
        super().__init__(" ".join(text for messages in self.fields.values() for text in messages))


class UnavailableError(DomainError):
    """A service, Ray or the database does not answer; trying again later may help."""


class ServiceError(DomainError):
    """A service answered with a failure of its own; the text is its author's."""
