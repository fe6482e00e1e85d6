"""The table of claims."""

from sqlalchemy import Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from kodosumi.domain.db import Base


class ClaimRow(Base):
    """Who may do the work `name`. Times are seconds since the epoch by the database's clock.

    `fence` counts the holders: what an earlier one still tries to commit is told by its number.
    `beat` is when the holder was last heard of, 0 when the claim was given back.
    """

    __tablename__ = "claims"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    fence: Mapped[int] = mapped_column(Integer)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    since: Mapped[float] = mapped_column(Float)
    beat: Mapped[float] = mapped_column(Float)
