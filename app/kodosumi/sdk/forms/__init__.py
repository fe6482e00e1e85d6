"""Forms: elements, and `Model`, which holds them."""

from kodosumi.sdk.forms.base import Element
from kodosumi.sdk.forms.buttons import Action, Cancel, Submit
from kodosumi.sdk.forms.choices import Checkbox, InputOption, InputRadio, Select
from kodosumi.sdk.forms.dates import InputDate, InputDateTime, InputMonth, InputTime, InputWeek
from kodosumi.sdk.forms.display import HR, HTML, Break, DisplayInfo, Errors, Markdown
from kodosumi.sdk.forms.files import InputFiles
from kodosumi.sdk.forms.model import Model
from kodosumi.sdk.forms.numbers import InputNumber, InputRange
from kodosumi.sdk.forms.texts import (
    InputArea,
    InputColor,
    InputEmail,
    InputHidden,
    InputPassword,
    InputSearch,
    InputTel,
    InputText,
    InputUrl,
)

__all__ = [
    "HR",
    "HTML",
    "Action",
    "Break",
    "Cancel",
    "Checkbox",
    "DisplayInfo",
    "Element",
    "Errors",
    "InputArea",
    "InputColor",
    "InputDate",
    "InputDateTime",
    "InputEmail",
    "InputFiles",
    "InputHidden",
    "InputMonth",
    "InputNumber",
    "InputOption",
    "InputPassword",
    "InputRadio",
    "InputRange",
    "InputSearch",
    "InputTel",
    "InputText",
    "InputTime",
    "InputUrl",
    "InputWeek",
    "Markdown",
    "Model",
    "Select",
    "Submit",
]
