"""A service whose form is written by hand."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse
from ray import serve

from kodosumi.serve import Launch, ServeAPI

app = ServeAPI()

PAGE = """<!doctype html>
<html lang="en">
<head><title>By hand</title></head>
<body>
<h1>By hand</h1>
<form method="post">
<label>Name <input name="name" required></label>
<label>Times <input name="times" type="number" value="2"></label>
<button>Start</button>
</form>
<p id="script">no script</p>
<script>document.getElementById("script").textContent = "script ran";</script>
</body>
</html>
"""


@app.get(
    "/", entry=True, summary="By hand", author="hand@example.org", version="0.1", tags=["test"]
)
async def page() -> HTMLResponse:
    """Shows a page of its own."""
    return HTMLResponse(PAGE)


@app.post("/")
async def submit(request: Request, name: Annotated[str, Form()], times: Annotated[int, Form()] = 1):
    return Launch(
        request, "tests.services.work:echo", {"name": name, "times": times}, reference=page
    )


@serve.deployment(ray_actor_options={"num_cpus": 0})
@serve.ingress(app)
class Handwritten:
    pass


fast_app = Handwritten.bind()
