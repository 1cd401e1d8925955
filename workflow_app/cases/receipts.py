"""Receipts: what an outsider's act was, signed by this service, so that both sides can prove it later.

A receipt is canonical JSON (sorted keys, no spaces, UTF-8) with an Ed25519 signature over those bytes. It names the
place of the act in the case's record and the SHA-256 of what was answered; the answers themselves stay with us.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy.orm import Mapped, mapped_column

import notifications
from workflow_app.agency.words import local
from workflow_app.audit import Event
from workflow_app.cases import links
from workflow_app.cases.installation import here
from workflow_app.cases.models import Answers, Case, Link, Task
from workflow_app.db import Base, after_commit, session
from workflow_app.kit import Form, Recipient

FORMAT = "alpr-casework-receipt-1"


class Receipt(Base):
    """A signed receipt, word for word as it was signed."""

    __tablename__ = "receipt"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    link_id: Mapped[str] = mapped_column(sa.ForeignKey("link.id"), unique=True)
    document: Mapped[str] = mapped_column(sa.Text)
    signature: Mapped[str] = mapped_column(sa.String(100))


def give(
    case: Case, task: Task, link: Link, values: Mapping[str, Any], *, seq: int, registered: Recipient | None
) -> None:
    """Sign and store the receipt of an act, in the act's own transaction, and send a copy to those concerned.

    `seq` is where the act stands in the case's record; `registered` the contact that the register names now.
    """
    house = here()
    at = link.used_at
    if link.receipt is None or at is None:
        raise ValueError("the link was not used")
    process = house.registry[case.process_id]
    what = f"{process.title}: {task.name}"
    signed = signed_by(process.forms[task.step], values)
    document = canonical({
        "agency": house.profile.name,
        "answers_sha256": digest(values),
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "case": case.number,
        "code": link.receipt,
        "format": FORMAT,
        "key": fingerprint(),
        "process": case.process_id,
        "process_version": case.version,
        "record": {"seq": seq, "sha256": _hash_of(case, seq), "stream": case.stream},
        "step": task.step,
        "what": what,
        "who": {"link_sent_to": links.addressed(link), **signed},
    })  # fmt: skip
    signature = base64.b64encode(_key().sign(document.encode())).decode()
    session().add(Receipt(code=link.receipt, link_id=link.id, document=document, signature=signature))
    session().flush()
    params = {
        "agency_name": house.profile.name, "case_number": case.number, "what": what, "code": link.receipt,
        "when": local(at, house.profile.zone), "signed_by": ", ".join(signed.values()),
        "link_sent_to": links.addressed(link), "document": document, "signature": signature,
        "check_url": f"{house.settings.url.rstrip('/')}/receipts/{link.receipt}",
    }  # fmt: skip
    to = [Recipient(name=link.name, email=link.email, organisation=link.organisation)]
    if registered is not None and registered.email.casefold() != link.email.casefold():
        to.append(registered)
    drafts = [
        notifications.Draft(
            dedupe_key=f"{case.id}:receipt:{link.id}:{place}", template="casework/receipt_copy",
            to_address=each.email, to_name=each.name, params={**params, "recipient_name": each.name}, case_id=case.id,
        )
        for place, each in enumerate(to)
    ]  # fmt: skip
    for message in notifications.put_many(session(), now=at, messages=drafts):
        reference = str(message.id)
        after_commit(lambda reference=reference: house.ring("deliver", reference))  # type: ignore[misc]


def of_code(code: str) -> Receipt | None:
    """The receipt with this code."""
    return session().get(Receipt, code)


def is_genuine(receipt: Receipt) -> bool:
    """Whether the receipt is, word for word, what this service signed with the key it has now."""
    try:
        _key().public_key().verify(base64.b64decode(receipt.signature), receipt.document.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def is_forged(receipt: Receipt) -> bool:
    """Whether the receipt names the key this service has now, and was not signed with it."""
    return bool(json.loads(receipt.document)["key"] == fingerprint()) and not is_genuine(receipt)


def is_on_record(receipt: Receipt) -> bool:
    """Whether answers and record are still those the receipt was given for."""
    said = json.loads(receipt.document)
    task_id = sa.select(Link.task_id).where(Link.id == receipt.link_id).scalar_subquery()
    values = session().scalar(sa.select(Answers.values).where(Answers.task_id == task_id))
    place = said["record"]
    recorded = session().scalar(sa.select(Event.hash).where(Event.stream == place["stream"], Event.seq == place["seq"]))
    return values is not None and digest(values) == said["answers_sha256"] and recorded == place["sha256"]


def signed_by(form: type[Form], values: Mapping[str, Any]) -> dict[str, str]:
    """The name and title that somebody typed under an answer, where its form asks for them."""
    wanted = {"name": "name", "organization-title": "title"}
    asked = {wanted.get(item.metadata.get("autocomplete", "")): name for name, item in form.questions().items()}
    return {word: str(values[asked[word]]) for word in wanted.values() if word in asked and values.get(asked[word])}


def public_key() -> bytes:
    """The key that checks receipts, as PEM."""
    return _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint() -> str:
    """The first 32 digits of the SHA-256 of the public key's raw bytes: which key a receipt was signed with."""
    return _fingerprint(_key().public_key())


def canonical(value: Any) -> str:
    """JSON that is the same for the same content: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of recorded answers, in hex."""
    return sha256(canonical(dict(values)).encode()).hexdigest()


def _hash_of(case: Case, seq: int) -> str:
    return session().scalars(sa.select(Event.hash).where(Event.stream == case.stream, Event.seq == seq)).one()


def _key() -> Ed25519PrivateKey:
    return _derived(here().settings.receipt_key)


@lru_cache(maxsize=4)
def _derived(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(b"alpr-casework receipts\0" + secret.encode()).digest())


def _fingerprint(key: Ed25519PublicKey) -> str:
    return sha256(key.public_bytes_raw()).hexdigest()[:32]
