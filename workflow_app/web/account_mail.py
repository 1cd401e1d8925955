"""E-mails about accounts go through the outbox like every other; the secret in a link is made when it is sent."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask
from flask_security import MailUtil

import notifications
from notifications import Draft
from workflow_app.cases.installation import here
from workflow_app.db import after_commit, in_unit_of_work, moment, session, unit_of_work
from workflow_app.people import Person

_TEMPLATES = {
    "security/email/reset_instructions": "casework/set_password",
    "security/email/reset_notice": "casework/password_changed",
    "security/email/change_notice": "casework/password_changed",
}


class AccountMail(MailUtil):
    """What Flask-Security sends, as rows of the outbox."""

    def __init__(self, app: Flask) -> None:
        """See `MailUtil`."""
        super().__init__(app)

    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: str | None, html: str | None, **about: Any
    ) -> None:
        """Write the message down; it leaves after the commit."""
        person_id = about["user"].id
        if in_unit_of_work():
            _put(_TEMPLATES[template], person_id)
            return
        with unit_of_work():
            _put(_TEMPLATES[template], person_id)


def _put(template: str, person_id: int) -> None:
    person = session().get_one(Person, person_id)
    draft = Draft(
        dedupe_key=f"person:{person.id}:{secrets.token_hex(8)}",
        template=template,
        to_address=person.email,
        to_name=person.name,
        params={
            "recipient_name": person.name,
            "agency_name": here().profile.name,
            "person_id": person.id,
            "sign_in_url": f"{here().settings.url}/sign-in",
        },
        category="account",
    )
    [message] = notifications.put_many(session(), now=moment(), messages=[draft])
    ring, number = here().ring, str(message.id)
    after_commit(lambda: ring("deliver", number))
