"""The form of the service, and what launches the search."""

from typing import Any

from fastapi import Request
from ray import serve
from starlette.responses import JSONResponse

from kodosumi.core import InputsError, Launch, ServeAPI, forms

INTRO = """
An **Armstrong number** is the sum of its own digits, each raised to the power of how many digits
there are: 153 = 1³ + 5³ + 3³. The search is cut into pieces that run as Ray tasks; what each has
found is shown as it ends.
"""

app = ServeAPI()

form = forms.Model(
    forms.Markdown(INTRO),
    forms.Errors(),
    forms.InputNumber(
        "limit", "Search up to", 100_000, required=True, min_value=1, max_value=10_000_000, step=1
    ),
    forms.InputNumber(
        "tasks", "Tasks at a time", 4, required=True, min_value=1, max_value=32, step=1
    ),
    forms.Checkbox("trivial", "Include 1 to 9, which all are Armstrong numbers", value=True),
    forms.Submit("Search"),
    forms.Cancel("Cancel"),
)


@app.enter(
    "/",
    model=form,
    summary="Armstrong numbers",
    description="Searches for the Armstrong numbers up to a limit, in parallel on Ray.",
    version="1.0.0",
    organization="kodosumi",
    tags=["example", "ray"],
)
async def armstrong(inputs: dict[str, Any], request: Request) -> JSONResponse:
    """Launch the search when the inputs fit each other."""
    error = InputsError()
    if inputs["tasks"] > inputs["limit"]:
        error.add(tasks="These are more tasks than numbers to search.")
    if inputs["limit"] < 10 and not inputs["trivial"]:  # noqa: PLR2004 - the first of two digits
        error.flash("Below 10 there are only the numbers that you left out.")
    if error.has_errors():
        raise error
    return Launch(request, "apps.armstrong.search:run", inputs)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Armstrong:
    """The service on Ray Serve."""


fast_app = Armstrong.bind()
