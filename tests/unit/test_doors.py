"""What authors import: every exported name of each door, old and new."""

import subprocess
import sys
from importlib import import_module

import pytest

from kodosumi import core
from kodosumi.sdk import forms

VALUES = {"HTML", "Markdown", "Text"}
DOORS = {
    "core": {
        "InputsError",
        "KodosumiError",
        "Launch",
        "ServeAPI",
        "Templates",
        "Tracer",
        "TracerMock",
        "forms",
        "response",
    },
    "serve": {"Launch", "ServeAPI", "Templates"},
    "response": VALUES,
    "dtypes": VALUES,
    "error": {"KodosumiError"},
    "forms": set(forms.__all__),
    "service.inputs.forms": set(forms.__all__),
    "service.inputs.errors": {"InputsError"},
    "runner.tracer": {"Tracer"},
}
FORMS = {
    "Action",
    "Break",
    "Cancel",
    "Checkbox",
    "DisplayInfo",
    "Element",
    "Errors",
    "HR",
    "HTML",
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
}


@pytest.mark.parametrize("door", DOORS)
def test_exported_names(door):
    module = import_module(f"kodosumi.{door}")
    public = {name for name in vars(module) if not name.startswith("_")}
    assert set(module.__all__) == DOORS[door]
    assert public - {"kodosumi"} == DOORS[door]


def test_form_elements():
    assert set(forms.__all__) == FORMS


@pytest.mark.parametrize("door", sorted(set(DOORS) - {"core"}))
def test_all_doors_lead_to_the_same_things(door):
    module = import_module(f"kodosumi.{door}")
    known = (
        {**vars(forms), **vars(core)} if "forms" in door else {**vars(core.response), **vars(core)}
    )
    assert all(getattr(module, name) is known[name] for name in DOORS[door])


def test_the_authors_side_loads_neither_panel_nor_database():
    heavy = "alembic litestar sqlalchemy crewai kodosumi.domain kodosumi.web kodosumi.settings"
    code = f"import sys, kodosumi.core; print(*sorted(set({heavy.split()}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
