"""Tables of people. Sign-in fields carry the names that Flask-Security expects."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflow_app.access import Role
from workflow_app.db import Base, UtcDateTime


class PersonRole(Base, RoleMixin):
    """One role held by one person."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True, index=True)


class Person(Base, UserMixin):
    """Somebody with an account of their own; accounts are never shared (policy: user IDs correspond to individuals).

    `employee_number` is the agency's own, `supervisor_id` the direct supervisor, `left_at` when they left the agency,
    `locked_at` when wrong passwords locked the account.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    employee_number: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    unit: Mapped[str] = mapped_column(sa.String(100), default="")
    supervisor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    roles: Mapped[list[PersonRole]] = relationship(  # type: ignore[assignment]  # narrower than UserMixin says
        lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def role_set(self) -> frozenset[Role]:
        """The roles this person holds now."""
        return frozenset(Role(held.name) for held in self.roles)


class ApiToken(Base):
    """A program's key to act as one person. Only a hash of it is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
