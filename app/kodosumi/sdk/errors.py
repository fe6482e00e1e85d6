"""Errors that authors raise.

KodosumiError               its message is for the launcher
└── InputsError             a form is shown again, with messages
"""

from collections.abc import Iterable

GLOBAL = "_global_"
"""The key of messages that concern the whole form."""


class KodosumiError(Exception):
    """An error whose message is shown to the launcher as it is."""


class InputsError(KodosumiError):
    """The inputs are not accepted: the form is shown again with these messages.

    Positional messages concern the whole form, keyword arguments one field each. A message may be a
    list of messages. `errors` maps field names, and `_global_`, to their messages.
    """

    def __init__(self, *messages: str, **field_messages: str | Iterable[str]) -> None:
        super().__init__(*messages)
        self.errors: dict[str, list[str]] = {}
        for message in messages:
            self.flash(message)
        self.add(**field_messages)

    def add(self, **field_messages: str | Iterable[str]) -> None:
        """Add a message to each named field."""
        for field, message in field_messages.items():
            found = [message] if isinstance(message, str) else [str(m) for m in message]
            self.errors.setdefault(field, []).extend(found)

    def flash(self, message: str) -> None:
        """Add a message about the whole form."""
        self.errors.setdefault(GLOBAL, []).append(str(message))

    def has_errors(self) -> bool:
        """Tell whether there is any message, so that raising makes sense."""
        return any(self.errors.values())

    def __str__(self) -> str:
        whole = self.errors.get(GLOBAL, [])
        fields = [f"{k}: {m}" for k, ms in self.errors.items() if k != GLOBAL for m in ms]
        return " ".join([*whole, *fields])

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self.args, self.__dict__
