"""Forms as plain HTML, for services that run without the panel."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from kodosumi.sdk.forms.base import Element, Field

_ATTRIBUTES = {
    "name": "name",
    "required": "required",
    "placeholder": "placeholder",
    "size": "size",
    "pattern": "pattern",
    "rows": "rows",
    "cols": "cols",
    "multiple": "multiple",
    "directory": "webkitdirectory",
    "step": "step",
    "min_length": "minlength",
    "max_length": "maxlength",
} | {
    f"{end}_{unit}": end
    for end in ("min", "max")
    for unit in ("value", "date", "time", "datetime", "month", "week")
}


def render(elements: Iterable[Element]) -> str:
    """Return `elements` as the HTML of a form's inside."""
    return "\n".join(_element(element) for element in elements)


def _element(element: Element) -> str:
    data = element.to_dict()
    html = _DRAWN.get(element.type, _input)(data)
    if isinstance(element, Field) and element.type != "hidden":
        html = f"<label>{escape(str(data.get('label') or element.name))} {html}</label>"
    error = data.get("error")
    return f'{html}<p class="error">{escape(error)}</p>' if error else html


def _input(data: Mapping[str, Any]) -> str:
    value = {"value": data["value"]} if data["value"] is not None else {}
    return f"<input{_attributes(data, type=data['type'], **value)}>"


def _checkbox(data: Mapping[str, Any]) -> str:
    box = f"<input{_attributes(data, type='checkbox', value='on', checked=data['value'])}>"
    return f"{box} {escape(str(data['option'] or ''))}"


def _file(data: Mapping[str, Any]) -> str:
    return f"<input{_attributes(data, type='file')}>"


def _textarea(data: Mapping[str, Any]) -> str:
    return f"<textarea{_attributes(data)}>\n{escape(str(data['value'] or ''))}</textarea>"


def _select(data: Mapping[str, Any]) -> str:
    options = (
        f"<option{_attributes({}, value=o['name'], selected=_chosen(data, o))}>"
        f"{escape(str(o['label'] or o['name']))}</option>"
        for o in data["option"]
    )
    return f"<select{_attributes(data)}>{''.join(options)}</select>"


def _radio(data: Mapping[str, Any]) -> str:
    return " ".join(
        f"<input{_attributes(data, type='radio', value=o['name'], checked=_chosen(data, o))}> "
        f"{escape(str(o['label'] or o['name']))}"
        for o in data["option"]
    )


def _chosen(data: Mapping[str, Any], option: Mapping[str, Any]) -> bool:
    return bool(option["value"] if data["value"] is None else option["name"] == data["value"])


def _button(data: Mapping[str, Any]) -> str:
    kind = {"submit": "submit", "cancel": "reset", "action": "submit"}[data["type"]]
    value = {"value": data["value"]} if data.get("value") else {}
    name = {"name": data["name"]} if "name" in data else {}
    text = escape(data["text"] or data["type"].capitalize())
    return f"<button{_attributes(name, type=kind, **value)}>{text}</button>"


def _text(data: Mapping[str, Any]) -> str:
    label = f"{escape(data['label'])}: " if data.get("label") else ""
    return f"<p>{label}{escape(data['text'])}</p>"


def _attributes(data: Mapping[str, Any], **more: object) -> str:
    known = {_ATTRIBUTES[key]: value for key, value in data.items() if key in _ATTRIBUTES}
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in (known | more).items()
        if value is not None and value is not False
    )


_DRAWN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "boolean": _checkbox,
    "file": _file,
    "textarea": _textarea,
    "select": _select,
    "radio": _radio,
    "submit": _button,
    "cancel": _button,
    "action": _button,
    "markdown": _text,
    "none": _text,
    "html": lambda data: str(data["text"]),
    "break": lambda _: "<br>",
    "hr": lambda _: "<hr>",
    "errors": lambda _: "",
}
