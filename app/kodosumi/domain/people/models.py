"""Tables of people: users and their sessions."""

import unicodedata
from enum import StrEnum

from sqlalchemy import Boolean, Float, ForeignKey, Integer, String
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kodosumi.domain.db import Base


class Role(StrEnum):
    """What a person is in the panel."""

    ADMIN = "admin"
    OPERATOR = "operator"
    MEMBER = "member"
    AUDITOR = "auditor"


def fold(name: str) -> str:
    """Return the form of `name` in which two spellings of it are equal."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def _fold_name(context: DefaultExecutionContext) -> str:
    return fold(context.get_current_parameters()["name"])  # type: ignore[no-untyped-call]


class User(Base):
    """A person. `password` is an argon2id hash; a row is never removed while it owns jobs."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    folded: Mapped[str] = mapped_column(String(120), unique=True, default=_fold_name)
    email: Mapped[str] = mapped_column(String(254), default="")
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(12), default=Role.MEMBER)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    default_password: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[float] = mapped_column(Float)


class UserSession(Base):
    """A signed-in browser. Only the SHA-256 of the cookie's random id is stored."""

    __tablename__ = "sessions"

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[float] = mapped_column(Float)
    seen_at: Mapped[float] = mapped_column(Float)
    agent: Mapped[str] = mapped_column(String(200), default="")

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
