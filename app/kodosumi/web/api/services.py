"""Services as JSON."""

from typing import Any

from litestar import get
from litestar.params import FromQuery

from kodosumi.domain.access import Action
from kodosumi.domain.catalog.models import Service
from kodosumi.web.auth import needs
from kodosumi.web.deps import Visit, services


@get("/api/v1/services", opt=needs(Action.SEE))
async def get_services(request: Visit, q: FromQuery[str] = "") -> dict[str, Any]:
    """Return the services that match `q` and every `tag`."""
    tags = request.query_params.getall("tag", [])
    found = await services(request).catalog.list(request.user, q, tags)
    return {"items": [_service(service) for service in found]}


def _service(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "summary": service.summary,
        "description": service.description,
        "author": service.author,
        "organization": service.organization,
        "version": service.version,
        "tags": service.tags,
        "deprecated": service.deprecated,
        "seen_at": service.seen_at,
        "links": {"page": f"/services/{service.id}"},
    }


route_handlers = [get_services]
