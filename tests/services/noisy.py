"""A service whose jobs write in all ways there are; see `noise`."""

from fastapi import Request
from ray import serve

from kodosumi.core import Launch, ServeAPI
from tests.services.simple import choice, form, number

app = ServeAPI()


@app.enter(
    "/noise",
    form(choice("kind", "ways", "fork", "tasks", "actors", "apart"), number("count", 10)),
    summary="Make noise",
    tags=["test"],
)
def noise(inputs: dict, request: Request):
    """Writes in the runner, its children, tasks and actors."""
    return Launch(request, f"tests.services.noise:{inputs['kind']}", inputs)


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Noisy:
    pass


fast_app = Noisy.bind()
