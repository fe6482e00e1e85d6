"""Whether the panel is up, for probes: open to all, so without reasons or addresses."""

from contextlib import suppress
from typing import Any

from litestar import Response, get
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kodosumi import __version__
from kodosumi.domain.claims.spooling import who_spools
from kodosumi.domain.db import Database
from kodosumi.web.auth import OPEN
from kodosumi.web.daemons import Watch
from kodosumi.web.deps import Services, Visit, services


@get("/health", opt=OPEN)
async def health(request: Visit) -> Response[dict[str, Any]]:
    """Tell how the parts are. The panel is up as long as its database answers."""
    domain = services(request)
    watch: Watch = request.app.state.watch
    database = await _answers(domain.db)
    parts = {
        "status": _word(good=database),
        "version": __version__,
        "database": "read-only" if database and domain.db.outage else _word(good=database),
        "ray": _word(good=domain.cluster.state.connected),
        "spooler": await _spooler(domain, watch),
        "catalogue": _word(good=domain.catalog.state.serve_up),
    }
    return Response(parts, status_code=HTTP_200_OK if database else HTTP_503_SERVICE_UNAVAILABLE)


async def _spooler(domain: Services, watch: Watch) -> str:
    """Return `up` or `down` for the panel's own, `elsewhere` when another process spools."""
    if domain.settings.spooler:
        return watch.word_of("spooler")
    with suppress(SQLAlchemyError, OSError):
        return "elsewhere" if await who_spools(domain.db) else "down"
    return "down"


async def _answers(db: Database) -> bool:
    try:
        async with db.session() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True


def _word(*, good: bool) -> str:
    return "up" if good else "down"


route_handlers = [health]
