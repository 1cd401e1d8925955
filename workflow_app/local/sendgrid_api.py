"""What SendGrid's `POST /v3/mail/send` takes and refuses, in its own words where a client may read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import formataddr
from typing import Any

from workflow_app.local.letters import Letter

_ADDRESS = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+\.[^@\s<>\",;.]+")

_REQUIRED = {
    "personalizations": "The personalizations field is required and must have at least one personalization.",
    "from": "The from object must be provided for every email send. It is an object that requires the email parameter.",
    "to": "The to array is required for all personalization objects, and must have at least one email object"
    " with a valid email address.",
    "subject": "The subject is required. You can get around this requirement if every personalization has a"
    " subject defined.",
    "content": "Unless a valid template_id is provided, the content parameter is required.",
    "value": "The content value must be a string at least one character in length.",
}
_NO_ADDRESS = "Does not contain a valid address."


def error(message: str, field: str | None = None) -> dict[str, str | None]:
    """One entry of the `errors` that every refusal carries."""
    return {"message": message, "field": field, "help": None}


def faults_of(body: dict[str, Any]) -> list[dict[str, str | None]]:
    """Why this body would be refused; empty when it would be accepted."""
    return [error(message, field) for field, message in (*_person_faults(body), *_content_faults(body))]


def letters_of(body: dict[str, Any], message_id: str, now: datetime) -> list[Letter]:
    """The letters an accepted body asks for: one for each address of each personalization."""
    parts = {part["type"]: part["value"] for part in body["content"]}
    return [
        Letter(
            to=person["email"],
            subject=personalization.get("subject") or body["subject"],
            text=parts.get("text/plain", ""),
            html=parts.get("text/html", ""),
            received_at=now,
            sender=formataddr((body["from"].get("name") or "", body["from"]["email"])),
            message_id=message_id,
            custom_args={**body.get("custom_args", {}), **personalization.get("custom_args", {})},
            headers={**body.get("headers", {}), **personalization.get("headers", {})},
            attachments=[str(item.get("filename", "")) for item in body.get("attachments", [])],
        )
        for personalization in body["personalizations"]
        for person in _recipients(personalization)
    ]


def _recipients(personalization: dict[str, Any]) -> list[dict[str, Any]]:
    return [person for kind in ("to", "cc", "bcc") for person in _listed(personalization.get(kind))]


def _person_faults(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    sender = body.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        yield "from", _REQUIRED["from"]
    elif not _is_address(sender):
        yield "from.email", _NO_ADDRESS
    personalizations = body.get("personalizations")
    if not isinstance(personalizations, list) or not personalizations:
        yield "personalizations", _REQUIRED["personalizations"]
        return
    for number, personalization in enumerate(personalizations):
        yield from _recipient_faults(f"personalizations.{number}", personalization)
        if not (body.get("subject") or (isinstance(personalization, dict) and personalization.get("subject"))):
            yield "subject", _REQUIRED["subject"]


def _recipient_faults(where: str, personalization: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(personalization, dict) or not _listed(personalization.get("to")):
        yield f"{where}.to", _REQUIRED["to"]
        return
    seen: set[str] = set()
    for kind in ("to", "cc", "bcc"):
        for number, person in enumerate(_listed(personalization.get(kind))):
            if not _is_address(person):
                yield f"{where}.{kind}.{number}.email", _NO_ADDRESS
            elif (address := person["email"].casefold()) in seen:
                yield (
                    f"{where}.{kind}",
                    "Each email address in the personalization block should be unique between to, cc, and bcc."
                    f" We found the first duplicate instance of [{address}] in the {where}.{kind} field.",
                )
            else:
                seen.add(address)


def _content_faults(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    parts = body.get("content")
    if not isinstance(parts, list) or not parts:
        yield "content", _REQUIRED["content"]
        return
    for number, part in enumerate(parts):
        if not isinstance(part, dict) or not isinstance(part.get("value"), str) or not part["value"]:
            yield f"content.{number}.value", _REQUIRED["value"]
        elif not part.get("type"):
            yield f"content.{number}.type", "The content type must be a string at least one character in length."
    types = [part.get("type") for part in parts if isinstance(part, dict)]
    if "text/plain" in types[1:]:
        yield "content", "If present, text/plain must be first, followed by text/html, followed by any other content."
    for field in ("custom_args", "headers"):
        pairs = body.get(field) or {}
        if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
            yield field, f"The {field} values must be strings."


def _listed(people: Any) -> list[Any]:
    return people if isinstance(people, list) else []


def _is_address(person: Any) -> bool:
    return isinstance(person, dict) and bool(_ADDRESS.fullmatch(str(person.get("email") or "")))
