"""A form: elements in order, what was entered, and what is wrong with it."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Self

from kodosumi.sdk.errors import GLOBAL
from kodosumi.sdk.forms import buttons, choices, dates, display, files, numbers, texts
from kodosumi.sdk.forms.base import Element, Field
from kodosumi.sdk.forms.render import render

Messages = Mapping[str, Iterable[str]]
"""Messages by field name; those under `_global_` concern the whole form."""

_FAMILIES = (buttons, choices, dates, display, files, numbers, texts)
ELEMENTS: dict[str, type[Element]] = {
    kind.type: kind
    for family in _FAMILIES
    for kind in vars(family).values()
    if isinstance(kind, type) and issubclass(kind, Element) and "type" in vars(kind)
}
"""All classes of elements by their type."""


class Model:
    """A form, made of elements."""

    def __init__(self, *children: Element) -> None:
        self.children = list(children)

    @property
    def fields(self) -> list[Field]:
        """The elements that can be filled in."""
        return [child for child in self.children if isinstance(child, Field)]

    def get_model(self) -> list[dict[str, Any]]:
        """Return the elements as JSON values."""
        return [child.to_dict() for child in self.children]

    @classmethod
    def model_validate(
        cls, elements: Iterable[dict[str, Any]], errors: Messages | None = None
    ) -> Self:
        """Return the form that `elements`, made by `get_model`, describe, with these messages.

        Raises:
            ValueError: an element has no type, or one that nobody knows.
        """
        model = cls(*(_built(element) for element in elements))
        model.set_errors(errors or {})
        return model

    def copy(self) -> Self:
        """Return a form of its own, to be filled in without touching this one."""
        return copy.deepcopy(self)

    def set_data(self, data: Mapping[str, Any]) -> None:
        """Fill in what was entered, right or wrong; fields that are not in `data` stay."""
        for field in self.fields:
            if field.name in data:
                field.fill(data[field.name])

    def set_errors(self, errors: Messages) -> None:
        """Put messages beside their fields, and those of the whole form where `Errors` is."""
        for child in self.children:
            name = GLOBAL if isinstance(child, display.Errors) else getattr(child, "name", "")
            if name in errors:
                child.error = " ".join(errors[name])

    def read(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """Return the parsed inputs, and the messages of the fields that are wrong.

        What no field knows is kept as it is: HTML elements may hold controls of their own.
        """
        inputs = {name: value for name, value in data.items() if name != GLOBAL}
        errors: dict[str, list[str]] = {}
        for field in self.fields:
            inputs[field.name], messages = field.read(data.get(field.name))
            if messages:
                errors[field.name] = messages
        if any(isinstance(child, display.Errors) for child in self.children):
            inputs[GLOBAL] = []
        return inputs, errors

    def render(self) -> str:
        """Return the form as plain HTML, for use without the panel."""
        return render(self.children)


def _built(element: dict[str, Any]) -> Element:
    kind = ELEMENTS.get(element.get("type", ""))
    if kind is None:
        msg = f"no form element has the type {element.get('type')!r}"
        raise ValueError(msg)
    return kind.from_dict(element)
