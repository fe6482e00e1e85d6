"""Who is still signed in, for streams: they go on for hours after their request was let in."""

import asyncio
from weakref import WeakValueDictionary

from kodosumi.domain.people.people import People
from kodosumi.web.shared import Errands, Shared

_KEPT = 10_000


class Presence:
    """Ends the streams of a session that ends here, and looks for those that end elsewhere."""

    def __init__(self, people: People, errands: Errands) -> None:
        self._people = people
        self._over: WeakValueDictionary[str, asyncio.Future[None]] = WeakValueDictionary()
        self._found: Shared[tuple[str, int], bool] = Shared(errands, _KEPT, lambda _: 1)

    def over(self, cookie: str) -> asyncio.Future[None]:
        """Return what is done as soon as the session of `cookie` ends here."""
        over = self._over.get(cookie)
        if over is None or over.done():
            over = self._over[cookie] = asyncio.get_running_loop().create_future()
        return over

    def end(self, cookie: str) -> None:
        """Tell that the session of `cookie` has ended."""
        over = self._over.pop(cookie, None)
        if over is not None and not over.done():
            over.set_result(None)

    async def check(self, cookie: str, slot: int) -> bool:
        """Tell whether the session lives; it is looked up once for all who ask in a time `slot`."""

        async def look() -> bool:
            return await self._people.by_session(cookie) is not None

        return await self._found.get((cookie, slot), look)
