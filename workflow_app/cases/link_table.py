"""The table of links sent to outsiders."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, UtcDateTime

_UNUSED = sa.text("used_at IS NULL")


class Link(Base):
    """One act for one outsider: the right to complete one task. The token is computed, never stored.

    `about` is the digest of what its holder was told (`link_standing.about`); `frozen_at`: stopped after wrong codes.
    """

    __tablename__ = "link"
    __table_args__ = (sa.Index("ix_link_waiting", "email", sqlite_where=_UNUSED, postgresql_where=_UNUSED),)

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    task_id: Mapped[str] = mapped_column(sa.ForeignKey("task.id"), unique=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(254))
    organisation: Mapped[str] = mapped_column(sa.String(200))
    generation: Mapped[int] = mapped_column(default=1)
    about: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
