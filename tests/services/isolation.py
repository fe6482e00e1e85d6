"""A service whose jobs look at their process, and spoil it; deployed with and without standby."""

import os

from fastapi import Request
from ray import serve

from kodosumi.core import Launch, ServeAPI, forms

app = ServeAPI()
FORM = forms.Model(forms.Submit("Start"))
WHERE = os.environ.get("WHERE", "here")
WORK = "tests.services"


@app.enter("/look", FORM, summary=f"Look around {WHERE}")
async def look(inputs: dict, request: Request):
    return Launch(request, f"{WORK}.spoiling:look", inputs)


@app.enter("/spoil", FORM, summary=f"Spoil all {WHERE}")
async def spoil(inputs: dict, request: Request):
    return Launch(request, f"{WORK}.spoiling:spoil", inputs)


@app.enter("/broken", FORM, summary=f"Import what is broken {WHERE}")
async def broken(inputs: dict, request: Request):
    return Launch(request, f"{WORK}.unimportable:run", inputs)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Isolation:
    pass


fast_app = Isolation.bind()
