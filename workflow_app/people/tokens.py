"""API tokens: shown once, kept as a hash, never more than their person may do."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from workflow_app.db import session
from workflow_app.people.models import ApiToken, Person

DEFAULT_LIFE = timedelta(days=90)


def issue_token(someone: Person, *, name: str, now: datetime, life: timedelta = DEFAULT_LIFE) -> str:
    """Make a token that acts as this person until it expires; the return value is the only copy."""
    token = f"alpr_{secrets.token_urlsafe(32)}"
    session().add(ApiToken(person_id=someone.id, name=name, hash=_hash(token), created_at=now, expires_at=now + life))
    return token


_WHOSE = (
    sa.select(Person)
    .join(ApiToken, ApiToken.person_id == Person.id)
    .where(ApiToken.hash == sa.bindparam("hash"), ApiToken.revoked_at.is_(None), Person.active)
    .where(ApiToken.expires_at > sa.bindparam("now"))
)


def person_of_token(token: str, now: datetime) -> Person | None:
    """The active person a valid token acts for; None for anything else."""
    return session().scalar(_WHOSE, {"hash": _hash(token), "now": now})


def _hash(token: str) -> str:
    # A token has 256 random bits, so a fast hash is enough; a slow one would tax every call.
    return hashlib.sha256(token.encode()).hexdigest()
