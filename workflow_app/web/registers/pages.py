"""What the pages of all registers share: who may see and change them, how a change is made and put on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Action, may, require
from workflow_app.audit import append_to, entry
from workflow_app.cases import answers
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.errors import DomainError, Invalid
from workflow_app.kit import FieldView, Form
from workflow_app.web import staff
from workflow_app.web.asked import refuse_beside
from workflow_app.web.forms import answers_from, plates_to_ask_about, views
from workflow_app.web.once import KEY, fresh_key, key_after, once

blueprint = Blueprint("registers", __name__, url_prefix="/registers")

READING = frozenset({"GET", "HEAD", "OPTIONS"})


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.SEE_REGISTERS if request.method in READING else Action.MANAGE_REGISTERS)


class Filled:
    """A form of a register as it stands on its page: empty, or with what was typed and what is wrong with it."""

    def __init__(self, form: type[Form], start: Mapping[str, Any] | None = None) -> None:
        self.key = fresh_key()
        self.form = form
        self.typed: Mapping[str, Any] = start or {}
        self.errors: Mapping[str, list[str]] = {}
        self.summary: list[str] = []
        self.status = 200

    @property
    def wrong(self) -> bool:
        """Whether it was refused."""
        return bool(self.errors or self.summary)

    @property
    def fields(self) -> list[FieldView]:
        """The fields for the page."""
        return views(self.form, values=self.typed, errors=self.errors, zone=here().profile.zone)

    def accepted(self, act: Callable[[Mapping[str, Any]], str]) -> bool:
        """Check what was sent and do `act` with it in one transaction, once; it returns the sentence to show.

        False when the form or the act refused, which the form then shows beside what was typed. Raises NotAsked for a
        field that the form does not have.
        """
        refuse_beside(self.form)
        self.typed = answers_from(self.form, request.form)
        settings, zone = here().settings, here().profile.zone
        try:
            if asked := plates_to_ask_about(self.form, self.typed, request.form):
                raise Invalid(asked)
            values = answers.accept(self.form, self.typed, zone=zone, plate_key=settings.plate_key).values
            done = once(staff.me(), lambda: act(values))
        except DomainError as error:
            self.key = key_after(request.form.get(KEY, ""), error)
            self.refuse(error)
            return False
        flash(done, "success")
        return True

    def refuse(self, error: DomainError) -> None:
        """Keep why it was refused."""
        self.status = error.status
        fields = error.fields if isinstance(error, Invalid) else {}
        named = self.form.questions().keys()
        self.errors = {name: found for name, found in fields.items() if name in named}
        self.summary = [sentence for name, found in fields.items() if name not in named for sentence in found]
        if not fields:
            self.summary = [error.sentence]


def note(register: str, kind: str, sentence: str, **data: Any) -> None:
    """Put a change of a register on record, in the transaction of the change itself."""
    append_to(stream(register), [entry(staff.me(), moment(), kind, sentence, **data)])


def stream(register: str) -> str:
    """The name of a register's chain of events."""
    return f"register:{register}"


def page(template: str, *, title: str, above: list[tuple[str, str]] | None = None, **shown: Any) -> str:
    """A page of a register. `above` are the pages it stands under, as (label, address)."""
    crumbs = [{"label": "Registers", "href": url_for("registers.index")}]
    crumbs += [{"label": label, "href": href} for label, href in above or ()]
    keeps = may(staff.me(), Action.MANAGE_REGISTERS)
    return staff.page(f"registers/{template}", title=title, crumbs=[*crumbs, {"label": title}], keeps=keeps, **shown)


def back(endpoint: str, **values: Any) -> ResponseReturnValue:
    """After a change: to the page that shows it."""
    return redirect(url_for(f"registers.{endpoint}", **values), 303)
