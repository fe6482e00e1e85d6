"""A small network in memory: ASGI apps behind host names, and Ray Serve as seen over HTTP."""

import asyncio

import httpx
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response


class Network(httpx.AsyncBaseTransport):
    """Hosts are `host:port`; those that are not there refuse connections."""

    def __init__(self, **_):
        self.hosts = {}
        self.requests = []

    async def handle_async_request(self, request):
        host = request.url.netloc.decode()
        self.requests.append(f"{request.method} {request.url}")
        if host not in self.hosts:
            msg = "refused"
            raise httpx.ConnectError(msg, request=request)
        return await httpx.ASGITransport(self.hosts[host]).handle_async_request(request)

    def client(self):
        return httpx.AsyncClient(transport=self)


class FakeServe:
    """Answers `/-/routes` and passes on to the app with the longest matching prefix."""

    def __init__(self):
        self.apps = {}
        self.status = 200

    async def __call__(self, scope, receive, send):
        await self._answerer(scope)(scope, receive, send)

    def _answerer(self, scope):
        if scope["path"] == "/-/routes":
            routes = {prefix: prefix.strip("/") or "root" for prefix in self.apps}
            return JSONResponse(routes, self.status)
        for prefix, app in self.apps.items():
            if scope["path"].startswith(prefix.rstrip("/") + "/"):
                scope["root_path"] = prefix.rstrip("/")
                return app
        return JSONResponse({"detail": "no such app"}, 404)


def service_app(summary, path="/", **operation):
    """Return an app that publishes one form service, as ServeAPI does."""
    app = FastAPI(version=operation.pop("version", "1.0"))
    tags = operation.pop("tags", None)
    extra = {"x-kodosumi": True, **operation}

    @app.get(path, summary=summary, tags=tags, openapi_extra=extra)
    @app.post(path, include_in_schema=False)
    async def form():
        return {"elements": []}

    @app.get("/plain")
    async def plain():
        return {}

    return app


def answers(body="", status=200, media="text/plain", headers=None, wait=0.0):
    """Return an app that always answers the same."""

    async def app(scope, receive, send):
        await asyncio.sleep(wait)
        await Response(body, status, headers, media_type=media)(scope, receive, send)

    return app
