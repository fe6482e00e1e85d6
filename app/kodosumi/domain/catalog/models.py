"""Tables of the catalogue: services, and the addresses that they were found at."""

from sqlalchemy import JSON, Boolean, Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kodosumi.domain.db import Base


class Service(Base):
    """What an author published. `id` comes from its address and stays when it is redeployed.

    A service whose source has gone keeps its row with `gone_at`, so that its jobs keep a name.
    """

    __tablename__ = "services"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    source: Mapped[str] = mapped_column(String(500), index=True)
    base_url: Mapped[str] = mapped_column(String(500))
    path: Mapped[str] = mapped_column(String(500))
    method: Mapped[str] = mapped_column(String(8), default="GET")
    summary: Mapped[str] = mapped_column(String(500))
    description: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(String(200), default="")
    organization: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[str] = mapped_column(String(60), default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    deprecated: Mapped[bool] = mapped_column(Boolean, default=False)
    seen_at: Mapped[float] = mapped_column(Float)
    gone_at: Mapped[float | None] = mapped_column(Float)


class Register(Base):
    """An address that is looked at for services: Serve's `/-/routes` or an OpenAPI document."""

    __tablename__ = "registers"

    url: Mapped[str] = mapped_column(String(500), primary_key=True)
    added_at: Mapped[float] = mapped_column(Float)
    seen_at: Mapped[float | None] = mapped_column(Float)
    problem: Mapped[str] = mapped_column(String(500), default="")
