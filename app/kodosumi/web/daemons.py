"""Tasks that run as long as the panel: started together, started again when they fail."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from kodosumi.web.deps import Daemon, Services

log = logging.getLogger(__name__)

_PAUSE = 2.0
"""Seconds before a failed task is started again."""


class Watch:
    """Keeps the daemons running and knows which of them are well."""

    def __init__(self) -> None:
        self._well: dict[str, bool] = {}

    def word_of(self, name: str) -> str:
        """Return `up`, `down` or, for what was never started, `off`."""
        well = self._well.get(name)
        return "off" if well is None else "up" if well else "down"

    @asynccontextmanager
    async def running(self, daemons: Iterable[Daemon], services: Services) -> AsyncIterator[None]:
        """Run `daemons` within the block; they are cancelled at its end."""
        tasks = [asyncio.create_task(self._keep(daemon, services)) for daemon in daemons]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, daemon: Daemon, services: Services) -> None:
        name = name_of(daemon)
        while True:
            self._well[name] = True
            try:
                await daemon(services)
            except Exception:
                log.exception("%s failed; it is started again in %g s", name, _PAUSE)
            else:
                log.error("%s has ended; it is started again in %g s", name, _PAUSE)
            self._well[name] = False
            await asyncio.sleep(_PAUSE)


def name_of(daemon: Daemon) -> str:
    """Return the name by which health reports know a daemon: that of its function."""
    return str(getattr(daemon, "__name__", type(daemon).__name__)).lower()
