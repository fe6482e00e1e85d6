"""People: who they are, and how they sign in and out."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from kodosumi.domain.db import Database
from kodosumi.domain.errors import ConflictError, NotAllowedError
from kodosumi.domain.people import sessions, store
from kodosumi.domain.people.models import Role, User
from kodosumi.domain.people.passwords import Passwords
from kodosumi.domain.people.rules import check_password, check_person
from kodosumi.domain.people.sessions import Sessions
from kodosumi.domain.ports import Clock

FIRST_NAME = "admin"
DEFAULT_PASSWORD = "admin"  # noqa: S105 - documented, and good on loopback only
REFUSED = "Name or password is wrong. Check both and try again."
REFUSED_DEFAULT = (
    "The default password is good at the address localhost only. "
    "Use that one, or change the password first: koco user passwd admin"
)


class People:
    """The users of the panel. `session_idle` and `session_age` are limits in seconds.

    Names are matched without regard to case and to blanks around them.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        session_idle: float,
        session_age: float,
        passwords: Passwords | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._sessions = Sessions(db, clock, session_idle, session_age)

    async def ensure_first_admin(self, password: str | None, *, on_loopback: bool) -> None:
        """Create the user admin if there is no user at all.

        Without a password it is the documented default, on loopback only. A default that was never
        changed gives way to `password`; a password that somebody chose never does.

        Raises:
            ConflictError: the default would be in use off loopback.
            InvalidError: `password` is too short or too long.
        """
        async with self._db.session() as session:
            nobody = await store.count(session) == 0
            default = await store.has_default_password(session)
        if not nobody and not default:
            return
        password = _first_password(password, on_loopback=on_loopback)
        if nobody:
            await self._add_first(password)
        elif password != DEFAULT_PASSWORD:
            await self.set_password(FIRST_NAME, password)

    async def default_password_in_use(self) -> bool:
        """Tell whether the password of the first admin is still the documented one."""
        async with self._db.session() as session:
            return await store.has_default_password(session)

    async def sign_in(
        self,
        name: str,
        password: str,
        agent: str = "",
        previous: str | None = None,
        *,
        on_loopback: bool = True,
    ) -> str:
        """Open a session and return the value of its cookie; the `previous` one is ended.

        The default password, which everybody knows, is good `on_loopback` only.

        Raises:
            NotAllowedError: unknown user, wrong password, disabled user: alike in text and time.
        """
        async with self._db.session() as session:
            user = await store.find(session, name)
        good = await self._passwords.verify(user.password if user else None, password)
        if user is None or not good or not user.active:
            raise NotAllowedError(REFUSED)
        if user.default_password and not on_loopback:
            raise NotAllowedError(REFUSED_DEFAULT)
        await self._renew_hash(user, password)
        return await self._sessions.open(user, agent, previous)

    async def by_session(self, cookie: str) -> User | None:
        """Return who is signed in with this cookie, if the session lives and the user may."""
        return await self._sessions.user_of(cookie)

    async def by_id(self, user_id: int) -> User | None:
        """Return an active person."""
        async with self._db.session() as session:
            user = await session.get(User, user_id)
        return user if user and user.active else None

    async def sign_out(self, cookie: str) -> None:
        """End the session of this cookie, if there is one."""
        await self._sessions.close(cookie)

    async def sweep(self) -> None:
        """Remove the sessions that are over."""
        await self._sessions.sweep()

    async def add(self, name: str, password: str, role: str = Role.MEMBER, email: str = "") -> User:
        """Add a person.

        Raises:
            InvalidError: fields `name`, `password`, `role`, `email`.
            ConflictError: the name is taken.
        """
        check_person(name, role, email.strip())
        check_password(password)
        hashed = await self._passwords.hash(password)
        return await self._insert(
            User(name=name.strip(), password=hashed, role=Role(role), email=email.strip())
        )

    async def set_password(self, name: str, password: str) -> None:
        """Give a person a new password, and end all their sessions.

        Raises:
            InvalidError: field `password`.
            NotFoundError: no such person.
        """
        check_password(password)
        hashed = await self._passwords.hash(password)
        async with self._db.transaction() as session:
            user = await store.get(session, name)
            user.password, user.default_password = hashed, False
            await sessions.close_all(session, user)

    async def disable(self, name: str) -> None:
        """Shut a person out, now.

        Raises:
            NotFoundError: no such person.
            ConflictError: it is the last active admin.
        """
        async with self._db.transaction() as session:
            user = await store.get(session, name)
            user.active = False
            await session.flush()
            if user.role == Role.ADMIN and not await store.has_admin(session):
                msg = f"{user.name} is the last active admin. Add another one first."
                raise ConflictError(msg)
            await sessions.close_all(session, user)

    async def enable(self, name: str) -> None:
        """Let a person in again.

        Raises:
            NotFoundError: no such person.
        """
        async with self._db.transaction() as session:
            (await store.get(session, name)).active = True

    async def list(self) -> Sequence[User]:
        """Return all people by name."""
        async with self._db.session() as session:
            return (await session.scalars(select(User).order_by(User.folded))).all()

    async def _add_first(self, password: str) -> None:
        first = User(
            name=FIRST_NAME,
            password=await self._passwords.hash(password),
            role=Role.ADMIN,
            default_password=password == DEFAULT_PASSWORD,
        )
        with suppress(ConflictError):  # another panel may start at the same time
            await self._insert(first)

    async def _insert(self, user: User) -> User:
        user.created_at = self._clock.now()
        try:
            async with self._db.transaction() as session:
                session.add(user)
        except IntegrityError as error:
            msg = f"The name {user.name} is taken. Choose another one."
            raise ConflictError(msg) from error
        return user

    async def _renew_hash(self, user: User, password: str) -> None:
        """Store a hash of today's strength, unless the password was changed meanwhile."""
        if not self._passwords.outdated(user.password):
            return
        hashed = await self._passwords.hash(password)
        async with self._db.transaction() as session:
            unchanged = (User.id == user.id, User.password == user.password)
            await session.execute(update(User).where(*unchanged).values(password=hashed))


def _first_password(password: str | None, *, on_loopback: bool) -> str:
    if password is not None and password != DEFAULT_PASSWORD:
        check_password(password)
        return password
    if not on_loopback:
        msg = "Set KODO_ADMIN_PASSWORD: the password of admin would be the documented default."
        raise ConflictError(msg)
    return DEFAULT_PASSWORD
