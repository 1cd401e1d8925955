"""Links for outsiders: one act each. The token is computed from a key, so that nothing stored can be used.

A token is the link's id followed by an HMAC over id and generation. Re-issuing raises the generation, which ends
every token sent before.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from workflow_app.access import LABEL, Actor, Via
from workflow_app.cases.models import Link
from workflow_app.db import session
from workflow_app.errors import Conflict
from workflow_app.kit import Recipient

_ID_CHARS = 26
_RECEIPT_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def new(task_id: str, case_id: int, recipient: Recipient, *, made_at: datetime, expires_at: datetime) -> dict[str, Any]:
    """The row of a new link."""
    return {
        "id": base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower(), "task_id": task_id,
        "case_id": case_id, "name": recipient.name, "email": recipient.email, "organisation": recipient.organisation,
        "generation": 1, "made_at": made_at, "expires_at": expires_at, "revoked_at": None, "used_at": None,
        "receipt": None,
    }  # fmt: skip


def token_of(link: Link, key: str) -> str:
    """The secret part of the e-mailed address; computed when the mail is sent, never stored."""
    return link.id + _seal(link.id, link.generation, key)


def resolve(token: str, key: str) -> Link | None:
    """The link that a token belongs to, whether or not it may still be used; None for a forged or ended one."""
    link = session().get(Link, token[:_ID_CHARS], populate_existing=True)
    if link is None:
        return None
    seal = _seal(link.id, link.generation, key)
    return link if hmac.compare_digest(token[_ID_CHARS:].encode(), seal.encode()) else None


def is_usable(link: Link, now: datetime) -> bool:
    """Whether the act behind the link can still be done."""
    return link.used_at is None and link.revoked_at is None and now < link.expires_at


def holder(link: Link) -> Actor:
    """The link's holder as the one who acts."""
    label = f"{link.name}, {link.organisation}" if link.organisation else link.name
    return Actor(label=label[:LABEL], via=Via.LINK, link_id=link.id)


def use(link: Link, now: datetime) -> str:
    """Spend the link, in the transaction of its act; returns the code on the receipt. Raises Conflict if it ended."""
    if not is_usable(link, now):
        raise Conflict("This link is no longer valid.")
    link.used_at = now
    link.receipt = "-".join("".join(secrets.choice(_RECEIPT_ALPHABET) for _ in range(4)) for _ in range(3))
    return link.receipt


def re_issue(link: Link, *, recipient: Recipient | None, expires_at: datetime) -> None:
    """End every token sent so far and make the link good again, for a corrected recipient where one is given."""
    link.generation += 1
    link.expires_at, link.revoked_at = expires_at, None
    if recipient is not None:
        link.name, link.email, link.organisation = recipient.name, recipient.email, recipient.organisation


def masked(values: Mapping[str, Any]) -> str:
    """A link as staff and logs may see it."""
    return f"link {str(values.get('id', ''))[:6]}…"


def _seal(link_id: str, generation: int, key: str) -> str:
    mac = hmac.new(key.encode(), f"{link_id}:{generation}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
