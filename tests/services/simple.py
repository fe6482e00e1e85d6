"""Services with one form per kind of job; see `work`. Deployed by Ray and browser tests."""

from fastapi import Request
from ray import serve

from kodosumi.core import InputsError, KodosumiError, Launch, ServeAPI, forms

app = ServeAPI()
WORK = "tests.services.work"


def number(name: str, value: int) -> forms.InputNumber:
    return forms.InputNumber(name, name.capitalize(), value, required=True, min_value=0, step=1)


def choice(name: str, *options: str) -> forms.Select:
    return forms.Select(name, [forms.InputOption(each, each) for each in options], name, options[0])


def form(*fields: forms.Element) -> forms.Model:
    return forms.Model(forms.Errors(), *fields, forms.Submit("Start"), forms.Cancel("Cancel"))


@app.enter(
    "/lines",
    form(number("count", 10), forms.InputText("cue", "Cue")),
    summary="Print lines",
    tags=["test"],
)
def lines(inputs: dict, request: Request):
    """Prints numbered lines."""
    return Launch(request, f"{WORK}:lines", inputs)


@app.enter(
    "/fail",
    form(choice("kind", "private", "public"), forms.InputText("message", "Message", "It broke.")),
    summary="Fail",
    tags=["test"],
)
def fail(inputs: dict, request: Request):
    """Raises ValueError or KodosumiError in the job."""
    return Launch(request, f"{WORK}.fail", inputs)


@app.enter(
    "/sleep",
    form(
        choice("kind", "nap", "nap_sync", "stubborn", "haunted", "vanishing"), number("seconds", 30)
    ),
    summary="Sleep",
    tags=["test", "slow"],
)
async def sleep(inputs: dict, request: Request):
    """Sleeps, and wakes when cancelled, or does not."""
    return Launch(request, f"{WORK}:{inputs['kind']}", inputs)


@app.enter(
    "/value",
    form(
        choice(
            "kind",
            "text",
            "number",
            "none",
            "dict",
            "list",
            "markdown",
            "html",
            "body",
            "object",
        )
    ),
    summary="Return a value",
    tags=["test"],
)
async def value(inputs: dict, request: Request):
    """Returns a value of the chosen kind."""
    return Launch(request, f"{WORK}:value", inputs)


@app.enter(
    "/refuse",
    form(choice("kind", "refuse", "public", "private"), forms.InputText("name", "Name", "Ada")),
    summary="Refuse to launch",
    tags=["test"],
    deprecated=True,
)
def refuse(inputs: dict):
    """Never launches."""
    if inputs["kind"] == "public":
        msg = "The key is missing."
        raise KodosumiError(msg)
    if inputs["kind"] == "private":
        msg = "odd"
        raise ValueError(msg)
    error = InputsError(name=f"{inputs['name']} is taken.")
    error.flash("Nothing was launched.")
    raise error


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Simple:
    pass


fast_app = Simple.bind()
