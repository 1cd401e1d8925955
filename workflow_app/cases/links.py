"""Links for outsiders: one act each. Token and code are computed from a key, so that nothing stored can be used.

A token is the link's id followed by an HMAC over id and generation. Re-issuing raises the generation, which ends
every token sent before.
"""

from __future__ import annotations

import base64
import hmac
import json
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


def new(
    task_id: str, case_id: int, recipient: Recipient, *, about: str, made_at: datetime, expires_at: datetime
) -> dict[str, Any]:
    """The row of a new link. `about` is what `bound_to` says of the task it is for."""
    return {
        "id": base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower(), "task_id": task_id,
        "case_id": case_id, "name": recipient.name, "email": recipient.email, "organisation": recipient.organisation,
        "generation": 1, "about": about, "made_at": made_at, "expires_at": expires_at, "revoked_at": None,
        "frozen_at": None, "used_at": None, "receipt": None,
    }  # fmt: skip


def bound_to(purpose: str, task_id: str, version: int, email: str, facts: Mapping[str, str]) -> str:
    """What a link is about, as a digest: for which step of which task in which version, for whom, and what they read.

    When it changes after the link was sent, whoever holds the link was told something else than what they would
    now answer.
    """
    said = [purpose, task_id, version, email.casefold(), sorted(facts.items())]
    return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def token_of(link: Link, key: str) -> str:
    """The secret part of the e-mailed address; computed when the mail is sent, never stored."""
    return link.id + _seal(link.id, link.generation, key)


def code_of(link: Link, number: int, key: str) -> str:
    """The six digits of the link's code of this number. Computed when its mail is sent, never stored.

    HOTP (RFC 4226, with SHA-256): the key belongs to this link and generation, the counter is the code's number.
    """
    own = hmac.new(key.encode(), f"code {link.id}:{link.generation}".encode(), sha256).digest()
    mac = hmac.new(own, number.to_bytes(8), sha256).digest()
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4]) & 0x7FFFFFFF) % 10**6:06}"


def resolve(token: str, key: str) -> Link | None:
    """The link that a token belongs to, whether or not it may still be used; None for a forged or ended one."""
    link = session().get(Link, token[:_ID_CHARS], populate_existing=True)
    return link if link is not None and _is_of(token, link, link.generation, key) else None


def replaced(token: str, key: str) -> Link | None:
    """The link that a token once belonged to, before a newer one was sent; None for any other token."""
    link = session().get(Link, token[:_ID_CHARS], populate_existing=True)
    before = range(1, link.generation) if link is not None else ()
    return link if link is not None and any(_is_of(token, link, each, key) for each in before) else None


def is_usable(link: Link, now: datetime) -> bool:
    """Whether the act behind the link can still be done."""
    return link.used_at is None and link.revoked_at is None and link.frozen_at is None and now < link.expires_at


def holder(link: Link) -> Actor:
    """The link's holder as the one who acts."""
    return Actor(label=addressed(link)[:LABEL], via=Via.LINK, link_id=link.id)


def addressed(link: Link) -> str:
    """To whom the link was sent: a name and, where there is one, the organisation."""
    return f"{link.name}, {link.organisation}" if link.organisation else link.name


def use(link: Link, now: datetime) -> str:
    """Spend the link, in the transaction of its act; returns the code on the receipt. Raises Conflict if it ended."""
    if not is_usable(link, now):
        raise Conflict("This link is no longer valid.")
    link.used_at = now
    link.receipt = "-".join("".join(secrets.choice(_RECEIPT_ALPHABET) for _ in range(4)) for _ in range(3))
    return link.receipt


def re_issue(link: Link, *, recipient: Recipient | None, about: str, expires_at: datetime) -> None:
    """End every token sent so far and make the link good again, for a corrected recipient where one is given."""
    link.generation += 1
    link.expires_at, link.about = expires_at, about
    link.revoked_at = link.frozen_at = None
    if recipient is not None:
        link.name, link.email, link.organisation = recipient.name, recipient.email, recipient.organisation


def _is_of(token: str, link: Link, generation: int, key: str) -> bool:
    return hmac.compare_digest(token[_ID_CHARS:].encode(), _seal(link.id, generation, key).encode())


def _seal(link_id: str, generation: int, key: str) -> str:
    mac = hmac.new(key.encode(), f"{link_id}:{generation}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
