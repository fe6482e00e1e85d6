"""The prober: looks for services again and again, and says when some came or went."""

import asyncio
import logging

from kodosumi.domain.catalog.catalog import Catalog
from kodosumi.domain.outage import OutageError

log = logging.getLogger("kodosumi.prober")


class Prober:
    """Refreshes the catalogue every `interval` seconds, whatever happens."""

    def __init__(self, catalog: Catalog, interval: float) -> None:
        self._catalog = catalog
        self._interval = interval
        self._said: object = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self._look()
            await asyncio.sleep(self._interval)

    async def _look(self) -> None:
        try:
            changes = await self._catalog.refresh()
        except OutageError as outage:
            self._say(logging.WARNING, f"services cannot be noted: {outage}")
            return
        except Exception as error:  # noqa: BLE001 - the next look may do better
            self._say(logging.ERROR, f"looking for services failed: {error!r}", error)
            return
        if text := str(changes):
            log.info("services: %s", text)
        state = self._catalog.state
        self._say(logging.WARNING, " ".join(filter(None, (state.reason, *state.problems))))

    def _say(self, level: int, text: str, error: Exception | None = None) -> None:
        """Log `text` once, until there is another one or none."""
        if text and text != self._said:
            log.log(level, "%s", text, exc_info=error)
        self._said = text
