"""What Serve's dashboard tells of applications, and what people are told of it."""

import httpx

from kodosumi.cli.examples import follow
from kodosumi.cluster.serve_deployer import ServeDeployer

WAITS = "Deployment 'Poems' has 1 replicas that have taken more than 30s to be scheduled."


def app(status, message=""):
    deployment = {"status": "UPDATING", "message": message}
    return {"status": status, "message": "", "deployments": {"Poems": deployment}}


def deployer(*looks):
    """Return a deployer whose dashboard answers one look after the other."""
    left = list(looks)

    def answer(_request):
        return httpx.Response(200, json={"applications": {"poems": left.pop(0)}})

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return ServeDeployer("http://dashboard", http, {})


async def test_an_application_that_waits_says_for_what(monkeypatch):
    monkeypatch.setattr("kodosumi.cli.examples.LOOK", 0)
    said = []
    looks = app("DEPLOYING"), app("DEPLOYING", WAITS), app("DEPLOYING", WAITS), app("RUNNING")
    apps = await follow(deployer(*looks), said.append)
    assert [each.status for each in apps] == ["RUNNING"]
    assert said == [
        "poems is being deployed.",
        f"poems is being deployed: {WAITS}",
        "poems is ready.",
    ]
