"""The second factor: six digits that an authenticator shows for thirty seconds (TOTP, RFC 6238), or a recovery code.

The secret is encrypted and is shown to nobody once it is set up; a step of time counts once; recovery codes are kept
as keyed hashes (CJIS IA-2(1), (2) and (8); ASVS 6.5).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

import sqlalchemy as sa
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import Role
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.people.models import Person

DECIDING = frozenset({
    Role.CHIEF_EXECUTIVE, Role.DEPUTY_CHIEF, Role.PROGRAMME_ADMINISTRATOR, Role.SECURITY_OFFICER,
    Role.EXTERNAL_REVIEWER, Role.INTERNAL_AFFAIRS, Role.COUNSEL, Role.OVERSIGHT_BOARD,
})  # fmt: skip
"""Roles that decide: whoever holds one needs a second factor."""
CODES = 10
"""Recovery codes that somebody gets."""

_STEP = 30
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class SecondFactor(Base):
    """Somebody's authenticator; it counts once `confirmed_at` is set. `last_step` is the latest step of time used."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(sa.String(200))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """One use of a lost authenticator."""

    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


def is_set_up(person_id: int) -> bool:
    """Whether somebody signs in with a second factor."""
    found = session().get(SecondFactor, person_id)
    return found is not None and found.confirmed_at is not None


def begin(person_id: int, key: str, now: datetime) -> None:
    """Make a secret for an authenticator; a confirmed one stays as it is."""
    found = session().get(SecondFactor, person_id, populate_existing=True, with_for_update=True)
    if found is not None and found.confirmed_at is not None:
        return
    sealed = _box(key).encrypt(secrets.token_bytes(20)).decode()
    if found is None:
        session().add(SecondFactor(person_id=person_id, sealed=sealed, begun_at=now))
    else:
        found.sealed, found.begun_at, found.last_step = sealed, now, 0
    session().flush()


def secret_to_show(person_id: int, key: str) -> str | None:
    """The secret of an authenticator that is being set up, in base32; None before and for ever after."""
    found = session().get(SecondFactor, person_id)
    if found is None or found.confirmed_at is not None:
        return None
    return base64.b32encode(_box(key).decrypt(found.sealed.encode())).decode()


def address(secret: str, whose: str, issuer: str) -> str:
    """What the picture for the authenticator says (otpauth://)."""
    return f"otpauth://totp/{quote(f'{issuer}:{whose}')}?secret={secret}&issuer={quote(issuer)}"


def confirm(person_id: int, code: str, key: str, now: datetime) -> list[str] | None:
    """Set it up with its first code; the recovery codes, of which this is the only copy. None for a wrong code."""
    found = session().get(SecondFactor, person_id, populate_existing=True, with_for_update=True)
    if found is None or found.confirmed_at is not None or not _is_now(found, code, key, now):
        return None
    found.confirmed_at = now
    codes = ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(CODES)]
    session().add_all(RecoveryCode(person_id=person_id, hash=_hash(each, key)) for each in codes)
    session().flush()
    return codes


def check(person_id: int, code: str, key: str, now: datetime) -> bool:
    """Use a code: of the authenticator, once for each step of time, or a recovery code, once."""
    found = session().get(SecondFactor, person_id, populate_existing=True, with_for_update=True)
    if found is None or found.confirmed_at is None:
        return False
    if _is_now(found, code, key, now):
        return True
    mine = sa.delete(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.hash == _hash(code, key))
    return session().scalar(mine.returning(RecoveryCode.person_id)) is not None


def codes_left(person_id: int) -> int:
    """How many recovery codes are left."""
    query = sa.select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    return session().scalar(query) or 0


def reset(someone: Person) -> None:
    """Take it off: they set up another one at their next sign-in."""
    session().execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == someone.id))
    session().execute(sa.delete(SecondFactor).where(SecondFactor.person_id == someone.id))
    session().expire_all()


def _is_now(found: SecondFactor, code: str, key: str, now: datetime) -> bool:
    """Whether this is the code of now or of half a minute before or after, and of a step that was not used yet."""
    digits = code.replace(" ", "")
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return False
    hotp = HOTP(_box(key).decrypt(found.sealed.encode()), 6, SHA1())  # noqa: S303 - what every authenticator computes
    at = int(now.timestamp()) // _STEP
    for step in (at - 1, at, at + 1):
        if step > found.last_step and hmac.compare_digest(hotp.generate(step), digits.encode()):
            found.last_step = step
            return True
    return False


def _box(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(key, "second factor")))


def _hash(code: str, key: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter in _ALPHABET)
    return hmac.new(_derived(key, "recovery code"), plain.encode(), sha256).hexdigest()


def _derived(key: str, use: str) -> bytes:
    return hmac.new(key.encode(), f"alpr-casework {use}".encode(), sha256).digest()
