"""The service under load: one form, in the part of the author API that 1.x has too."""

import os

from fastapi import Request
from ray import serve

from kodosumi.core import Launch, ServeAPI, forms

app = ServeAPI()
form = forms.Model(
    forms.InputText(name="kind", label="Kind", value="burst"),
    forms.InputText(name="count", label="Count", value="1"),
    forms.InputText(name="rate", label="Rate", value="0"),
    forms.Submit("Start"),
)


@app.enter("/work", model=form, summary=os.environ.get("BENCH_NAME", "Bench"))
async def enter(inputs: dict, request: Request):
    """Launch what `kind` names in bench_work."""
    return Launch(request, f"bench_work:{inputs['kind']}", inputs=inputs)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Bench:
    pass


fast_app = Bench.bind()
