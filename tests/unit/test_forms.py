"""Forms: what authors declare, what they get of an entry, and what is refused."""

import inspect
import json
from datetime import date, datetime

import pytest

from kodosumi.sdk import forms
from kodosumi.sdk.forms.model import ELEMENTS

LINE = "name label value required placeholder size pattern min_length max_length"
ARGUMENTS = {
    **dict.fromkeys(
        ("InputText", "InputSearch", "InputEmail", "InputUrl", "InputTel", "InputPassword"), LINE
    ),
    "InputNumber": ("name label value required placeholder size pattern min_value max_value step"),
    "InputArea": "name label value required placeholder rows cols max_length",
    "InputDate": "name label value required placeholder min_date max_date",
    "InputTime": "name label value required placeholder min_time max_time step",
    "InputDateTime": "name label value required placeholder min_datetime max_datetime step",
    "InputMonth": "name label value required min_month max_month",
    "InputWeek": "name label value required min_week max_week",
    "InputColor": "name label value required",
    "InputRange": "name label value required min_value max_value step",
    "InputHidden": "name value",
    "Checkbox": "name option label value",
    "Select": "name option label value required",
    "InputRadio": "name option label value required",
    "InputOption": "name label value",
    "InputFiles": "name label value required multiple directory",
    "Submit": "text",
    "Cancel": "text",
    "Action": "name value required text",
    "Markdown": "text",
    "HTML": "text",
    "Break": "",
    "HR": "",
    "Errors": "",
    "DisplayInfo": "text label",
}
TYPES = (
    "text search email url tel password number textarea date time datetime-local month week color "
    "range hidden boolean select radio option file submit cancel action markdown html break hr "
    "errors none"
)


def wrong(element, raw):
    """Return the messages for `raw` in a form of this one element."""
    return forms.Model(element).read({element.name: raw})[1].get(element.name, [])


def parsed(element, raw):
    inputs, errors = forms.Model(element).read({element.name: raw})
    assert not errors
    return inputs[element.name]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_keep_their_order_and_error_is_last(name):
    parameters = list(inspect.signature(getattr(forms, name)).parameters)
    assert parameters == [*ARGUMENTS[name].split(), "error"]


def test_every_type_is_known():
    assert sorted(ELEMENTS) == sorted(TYPES.split())


def every_element():
    options = [forms.InputOption("a", "A"), forms.InputOption("b", "B", value=True)]
    made = {
        "option": lambda: options[0],
        "select": lambda: forms.Select("s", options),
        "radio": lambda: forms.InputRadio("r", options),
    }
    for kind, cls in ELEMENTS.items():
        takes = inspect.signature(cls).parameters.values()
        needed = ["x" for p in takes if p.default is p.empty]
        yield made[kind]() if kind in made else cls(*needed)


def test_a_form_survives_its_json():
    form = forms.Model(*every_element())
    text = json.dumps(form.get_model())
    again = forms.Model.model_validate(json.loads(text))
    assert again.get_model() == form.get_model()
    assert again.children == form.children
    assert again.render() == form.render()


def test_an_unknown_type_is_refused():
    with pytest.raises(ValueError, match="'dial'"):
        forms.Model.model_validate([{"type": "dial"}])


@pytest.mark.parametrize("kind", ["text", "search", "tel", "hidden"])
def test_text_arrives_as_a_string(kind):
    element = ELEMENTS[kind]("x")
    assert parsed(element, " as it is\n") == " as it is\n"
    assert parsed(element, 7) == "7"
    assert parsed(element, "") == ""
    assert forms.Model(element).read({})[0] == {"x": None}
    assert wrong(element, ["a"])


def test_an_area_counts_line_ends_once():
    assert parsed(forms.InputArea("x", max_length=3), "a\r\nb") == "a\nb"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("12", 12), (" -3 ", -3), ("1.0", 1.0), ("1e3", 1000.0), (".5", 0.5), (4, 4), (2.5, 2.5)],
)
def test_a_number_is_an_int_when_written_so(raw, value):
    got = parsed(forms.InputNumber("n"), raw)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    "raw",
    [
        "x",
        "1_000",
        "nan",
        "inf",
        "1e999",
        "0x10",
        "\u0661",
        True,
        [1],
        {},
        10**400,
        "9" * 5000,
        "1,5",
    ],
)
def test_what_is_no_number_is_refused(raw):
    assert wrong(forms.InputNumber("n"), raw) == ["Enter a number."]


def test_an_empty_number_is_none():
    assert parsed(forms.InputNumber("n"), "") is None
    assert parsed(forms.InputRange("n", min_value=3), None) is None


@pytest.mark.parametrize("raw", ["on", "true", True, 1, "1", "True"])
def test_a_ticked_box_is_true(raw):
    assert parsed(forms.Checkbox("c", "Yes"), raw) is True


@pytest.mark.parametrize("raw", [None, "", "off", "false", False, 0])
def test_any_other_box_is_false(raw):
    assert parsed(forms.Checkbox("c", "Yes"), raw) is False


@pytest.mark.parametrize("kind", [forms.Select, forms.InputRadio])
def test_a_choice_is_the_name_of_an_option(kind):
    element = kind("s", [forms.InputOption("a", "A"), forms.InputOption("b", "B")])
    assert parsed(element, "b") == "b"
    assert wrong(element, "B") == ["Choose one of the options."]
    assert wrong(element, ["a"])
    assert parsed(element, None) is None


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("", set()),
        (None, set()),
        ("a.txt", {"a.txt"}),
        ("[odd].txt", {"[odd].txt"}),
        (["a", "b"], {"a", "b"}),
        ('{"batchId": "1", "items": {"u": {"filename": "a", "totalChunks": 2}}}', {"a"}),
        ({"batchId": "1", "items": {}}, set()),
    ],
)
def test_files_are_a_set_of_names(raw, names):
    assert parsed(forms.InputFiles("f", multiple=True), raw) == names


@pytest.mark.parametrize("raw", [7, [7], {"items": {"u": {}}}])
def test_what_are_no_files_is_refused(raw):
    assert wrong(forms.InputFiles("f"), raw) == ["Choose files."]


@pytest.mark.parametrize("element", [e for e in every_element() if isinstance(e, forms.base.Field)])
def test_required_fields_must_be_filled(element):
    if not any(p == "required" for p in inspect.signature(type(element)).parameters):
        return
    element.required = True
    assert wrong(element, None) == wrong(element, "") == ["Please fill in this field."]


@pytest.mark.parametrize(
    ("element", "good", "bad"),
    [
        (forms.InputText("x", pattern="[a-z]+"), "abc", "abc1"),
        (forms.InputText("x", min_length=2), "ab", "a"),
        (forms.InputText("x", max_length=2), "ab", "abc"),
        (forms.InputArea("x", max_length=2), "ab", "abc"),
        (forms.InputText("x", pattern=r"\p{L}+"), "only the browser can check this", None),
        (forms.InputEmail("x"), "a.b+c@example.org", "a b@example.org"),
        (forms.InputUrl("x"), "https://example.org/a?b", "example.org"),
        (forms.InputNumber("x", min_value=1), "1", "0"),
        (forms.InputNumber("x", max_value=10), "10", "10.5"),
        (forms.InputNumber("x", min_value=0, step=0.1), "0.3", "0.35"),
        (forms.InputNumber("x", value=1, step=5), "11", "10"),
        (forms.InputRange("x", min_value=1, max_value=3), 3, 4),
        (forms.InputDate("x"), "2024-02-29", "2023-02-29"),
        (forms.InputDate("x"), "2024-01-01", "2024-1-1"),
        (forms.InputDate("x", min_date="2024-01-02"), "2024-01-02", "2024-01-01"),
        (forms.InputDate("x", max_date=date(2024, 1, 2)), "2024-01-02", "2024-01-03"),
        (forms.InputTime("x", max_time="12:00"), "12:00", "12:00:01"),
        (forms.InputTime("x"), "09:30", "24:01"),
        (forms.InputDateTime("x"), "2024-01-01T09:30", "2024-01-01 09:30"),
        (forms.InputMonth("x", min_month="2024-03"), "2024-03", "2024-02"),
        (forms.InputMonth("x"), "2024-12", "2024-13"),
        (forms.InputWeek("x", max_week="2024-W05"), "2024-W05", "2024-W06"),
        (forms.InputWeek("x"), "2020-W53", "2021-W53"),
        (forms.InputColor("x"), "#a0B1c2", "red"),
        (forms.InputFiles("x"), ["a"], ["a", "b"]),
    ],
)
def test_the_rules_of_the_browser_hold_on_the_server(element, good, bad):
    assert wrong(element, good) == []
    assert bad is None or len(wrong(element, bad)) == 1


def test_empty_optional_fields_break_no_rule():
    assert not wrong(forms.InputText("x", pattern="a", min_length=3), "")
    assert not wrong(forms.InputDate("x", min_date="2024-01-01"), "")


def test_dates_as_objects_become_text():
    element = forms.InputDateTime("x", value=datetime(2024, 1, 2, 3, 4))  # noqa: DTZ001
    assert element.to_dict()["value"] == "2024-01-02T03:04:00"


def test_what_was_entered_is_kept_but_never_a_password():
    form = forms.Model(
        forms.InputNumber("n", value=1),
        forms.InputPassword("p"),
        forms.Checkbox("c", "Yes"),
        forms.Select("s", [forms.InputOption("a"), forms.InputOption("b", value=True)]),
    )
    filled = form.copy()
    filled.set_data({"n": "many", "p": "secret", "c": "on", "s": "a"})
    number, password, box, choice = filled.get_model()
    assert (number["value"], password["value"], box["value"]) == ("many", None, True)
    assert [option["value"] for option in choice["option"]] == [True, False]
    assert form.get_model()[0]["value"] == 1


def test_two_lists_may_share_their_options():
    options = [forms.InputOption("a"), forms.InputOption("b", value=True)]
    form = forms.Model(forms.Select("s", options), forms.InputRadio("r", options))
    form.set_data({"s": "b", "r": "a"})
    chosen = [
        [option["name"] for option in e["option"] if option["value"]] for e in form.get_model()
    ]
    assert chosen == [["b"], ["a"]]


def test_whole_form_messages_have_a_place():
    form = forms.Model.model_validate(
        forms.Model(forms.Errors(), forms.InputText("a")).get_model(),
        errors={"_global_": ["Too late.", "Too little."], "a": ["No."], "gone": ["Where?"]},
    )
    assert [child.error for child in form.children] == ["Too late. Too little.", "No."]


def test_inputs_hold_a_global_list_only_with_errors_on_the_form():
    assert forms.Model(forms.Errors()).read({"_global_": "x"})[0] == {"_global_": []}
    assert forms.Model().read({"_global_": "x"})[0] == {}


def test_controls_inside_html_pass():
    assert forms.Model(forms.HTML("<input name=own>")).read({"own": "1"}) == ({"own": "1"}, {})


def test_rendered_text_is_escaped():
    html = forms.Model(
        forms.InputText('"><script>', "<b>", "<i>", error="<u>"),
        forms.Markdown("<script>"),
        forms.Submit("<"),
    ).render()
    assert not [tag for tag in ("<script>", "<b>", "<i>", "<u>") if tag in html]
