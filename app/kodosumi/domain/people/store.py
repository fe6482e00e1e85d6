"""Queries about people, each within a session of its caller."""

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from kodosumi.domain.errors import NotFoundError
from kodosumi.domain.people.models import Role, User, fold


async def find(session: AsyncSession, name: str) -> User | None:
    """Return the user of this name, whatever its case."""
    if not name.isprintable():
        return None
    return await session.scalar(select(User).where(User.folded == fold(name)))


async def get(session: AsyncSession, name: str) -> User:
    """Return the user of this name, or raise NotFoundError."""
    user = await find(session, name)
    if user is None:
        msg = f"There is no user {name.strip()!r}."
        raise NotFoundError(msg)
    return user


async def count(session: AsyncSession) -> int:
    """Return how many users there are, disabled ones included."""
    return await session.scalar(select(func.count()).select_from(User)) or 0


async def has_admin(session: AsyncSession) -> bool:
    """Tell whether an active admin is left."""
    return bool(await session.scalar(select(exists().where(User.role == Role.ADMIN, User.active))))


async def has_default_password(session: AsyncSession) -> bool:
    """Tell whether an active user still has the documented first password."""
    return bool(await session.scalar(select(exists().where(User.default_password, User.active))))
