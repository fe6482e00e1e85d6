"""What a person entered into a service's form."""

from collections.abc import Iterable, Mapping
from typing import Any

from litestar.datastructures import FormMultiDict

from kodosumi.web.csrf import FIELD

MASK = "••••••••"
"""Stands for a secret in what is stored."""

Element = Mapping[str, Any]


def inputs_of(form: FormMultiDict) -> dict[str, Any]:
    """Return the fields of a form as a service takes them: a text, or a list of several."""
    inputs: dict[str, Any] = {}
    for name, value in form.items():  # in their order, unlike multi_items
        if name == FIELD or not isinstance(value, str):
            continue
        inputs[name] = _joined(inputs[name], value) if name in inputs else value
    return inputs


def values_to_show(elements: Iterable[Element], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form shows again: no secrets, and boxes that were not ticked as off."""
    shown = {name: value for name, value in inputs.items() if name not in _secrets(elements)}
    for element in elements:
        if element.get("type") == "boolean":
            shown.setdefault(str(element.get("name")), "off")
    return shown


def inputs_to_keep(elements: Iterable[Element], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored of a launch: secrets are masked."""
    hidden = _secrets(elements)
    return {name: MASK if name in hidden else value for name, value in inputs.items()}


def _joined(old: Any, new: str) -> list[Any]:
    return [*old, new] if isinstance(old, list) else [old, new]


def _secrets(elements: Iterable[Element]) -> set[str]:
    return {str(item.get("name")) for item in elements if item.get("type") == "password"}
