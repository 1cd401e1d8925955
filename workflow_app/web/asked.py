"""What a form does not have is refused, whatever it is called: nothing is smuggled in beside what was asked for.

A form that is a schema has the schema's fields; those of the others stand here, by route.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, request

from workflow_app.errors import DomainError
from workflow_app.kit import Form
from workflow_app.web.forms import KEPT_PLATES

WITH_ANY = frozenset({"csrf_token", "idempotency_key", "version"})
"""Fields that say how something is sent."""
_WITH_A_SCHEMA = WITH_ANY | {"your_password", "draft", "preview", "code", KEPT_PLATES}

_OF: dict[str, str] = {
    "account.sign_out_elsewhere": "one",
    "cases.send_again": "email",
    "drafting.begin": "",
    "drafting.drop": "",
    "drafting.remove": "",
    "incidents.retry": "one ticked",
    "links.ask_for_link": "email",
    "links.open_with_code": "code",
    "links.send_code": "",
    "links.send_code_at_once": "",
    "offices.end": "",
    "record.export": "purpose as who action about first last",
    "registers.import_shares": "file only_check",
    "registers.unsubscribe": "agency",
    "second_factor.begin": "password",
    "second_factor.confirm": "code",
    "second_step.check": "code",
    "security.change_password": "username password new_password new_password_confirm submit",
    "security.forgot_password": "email submit",
    "security.login": "email password next remember submit",
    "security.logout": "",
    "security.reset_password": "username password password_confirm submit",
    "reporter.read": "",
    "reporter.identify": "purpose",
    "reporter.write": "text",
    "tasks.claim": "",
    "tasks.reassign": "to reason",
    "tasks.release": "",
    "tell.follow": "code",
}


class NotAsked(DomainError):
    """This form came with a field that it does not have. Nothing was recorded."""

    status = 400


def register(app: Flask) -> None:
    """Look at forms that are no schema before anybody reads them."""

    @app.before_request
    def _refuse_what_was_not_asked() -> None:
        known = _OF.get(request.endpoint or "") if request.method == "POST" else None
        if known is not None:
            _only(WITH_ANY.union(known.split()))


def refuse_beside(form: type[Form], known: frozenset[str] = frozenset()) -> None:
    """Go on where this request brings the fields of a form, those `known` and no others; else raise NotAsked."""
    _only(_WITH_A_SCHEMA | known | form.questions().keys())


def _only(known: Collection[str]) -> None:
    for name in (*request.form, *request.files):
        if name.partition(":")[0] not in known:  # a quiz has a field for each question, named "answers:3"
            raise NotAsked
