"""The form of the hymn service, and what starts its crew."""

from typing import Any

from fastapi import Request
from ray import serve
from starlette.responses import JSONResponse

from apps.hymn.endpoint import MISSING, endpoint
from kodosumi.core import InputsError, Launch, ServeAPI, forms

LANGUAGES = ("English", "German", "French", "Spanish", "Italian", "Latin")

app = ServeAPI()


class KeyNotice(forms.Markdown):
    """Tells what to set as long as there is no key; looked up each time the form is shown."""

    def to_dict(self) -> dict[str, Any]:
        """Return the element; its text is empty when all is set."""
        return super().to_dict() | {"text": "" if endpoint() else f"> **Not ready.** {MISSING}"}


form = forms.Model(
    forms.Markdown("A writer and an editor, two agents, write a hymn on a topic of your choice."),
    KeyNotice(""),
    forms.Errors(),
    forms.InputText("topic", "Topic", required=True, placeholder="the first snow"),
    forms.Select(
        "language",
        [forms.InputOption(name, name, value=name == "English") for name in LANGUAGES],
        "Language",
        "English",
    ),
    forms.InputNumber("stanzas", "Stanzas", 3, required=True, min_value=1, max_value=8, step=1),
    forms.Submit("Write the hymn"),
    forms.Cancel("Cancel"),
)


@app.enter(
    "/",
    model=form,
    summary="Hymn",
    description="Two agents write a hymn: a writer drafts it, an editor finishes it.",
    version="1.0.0",
    organization="kodosumi",
    tags=["example", "crewai"],
)
async def hymn(inputs: dict[str, Any], request: Request) -> JSONResponse:
    """Start the crew when the topic and a language model are given."""
    topic = inputs["topic"].strip()
    error = InputsError()
    if not topic:
        error.add(topic="Name a topic.")
    if not endpoint():
        error.flash(MISSING)
    if error.has_errors():
        raise error
    chosen = {"topic": topic, "language": inputs["language"], "stanzas": inputs["stanzas"]}
    return Launch(request, "apps.hymn.crew:crew", chosen, reference=hymn)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Hymn:
    """The service on Ray Serve."""


fast_app = Hymn.bind()
