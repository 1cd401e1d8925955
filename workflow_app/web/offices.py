"""Offices: who holds what, who does whose tasks meanwhile, and the forms for both. Everybody of the staff may look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError, validates_schema

from workflow_app.access import Actor, Role
from workflow_app.cases import lending, lent
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.errors import DomainError
from workflow_app.kit import FieldView, Form, Option, choice, choices, day, declaration, text
from workflow_app.people import everybody, names_of, offices
from workflow_app.people import lending as lendings
from workflow_app.people.lending import Lending
from workflow_app.people.offices import Holding
from workflow_app.web import staff
from workflow_app.web.forms import views, whole
from workflow_app.web.once import once
from workflow_app.web.registers.pages import Filled

blueprint = Blueprint("offices", __name__, url_prefix="/offices")

_HELD = [{"label": "Office"}, {"label": "Held by"}, {"label": "Since"}, {"label": "Until"}]


class _Days(Form):
    since = day("First day")
    until = day("Last day", "It ends by itself at midnight.")

    @validates_schema
    def _in_their_order(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            raise ValidationError("The last day lies before the first.", "until")


class SubstituteForm(_Days):
    """Who does my tasks while I am away: `lent.name_substitute`."""

    substitute = choice("Who does your tasks while you are away?")

    class Meta:
        fields = ("substitute", "since", "until")
        ordered = True


class SubstituteForForm(_Days):
    """The same, for somebody else, with a reason."""

    absent = choice("Who is away?")
    substitute = choice("Who does their tasks?")
    reason = text("Reason", "Needed for anybody but yourself. It stands in the record.", required=False, most=500)

    class Meta:
        fields = ("absent", "substitute", "since", "until", "reason")
        ordered = True


class DelegateForm(_Days):
    """Decisions of the chief executive that somebody else may take: `lent.delegate`."""

    delegate = choice("Who may decide for you?")
    decisions = choices("Which decisions?", select_all=False)
    signed = declaration("I delegate these decisions for this time, and remain responsible for them.")

    class Meta:
        fields = ("delegate", "decisions", "since", "until", "signed")
        ordered = True


class _Lend(Filled):
    """A form whose people and decisions are offered as options."""

    def __init__(self, form: type[Form], people: Sequence[Option]) -> None:
        super().__init__(form)
        self.options = dict.fromkeys(("absent", "substitute", "delegate"), people)
        decisions = [Option(value=name, label=words) for name, words in lending.delegable().items()]
        self.options["decisions"] = decisions

    @property
    def fields(self) -> list[FieldView]:
        """The fields with their options."""
        return views(self.form, values=self.typed, errors=self.errors, options=self.options, zone=here().profile.zone)


@blueprint.get("")
def show() -> str:
    """Offices, what is lent, and the forms."""
    actor = staff.me()
    return _page(actor, *_forms(actor))


@blueprint.post("/substitutes")
def name_substitute() -> ResponseReturnValue:
    """Name a substitute for oneself, or for anybody as the administrator."""
    actor = staff.me()
    substitute, delegate = _forms(actor)

    def act(values: Mapping[str, Any]) -> str:
        absent = _id(values["absent"]) if "absent" in values else actor.person_id or 0
        since, until = _span(values)
        lent.name_substitute(
            actor, absent, _id(values["substitute"]), since=since, until=until, reason=values.get("reason") or ""
        )
        return "The substitute is named."

    return _back() if substitute.accepted(act) else (_page(actor, substitute, delegate), substitute.status)


@blueprint.post("/delegations")
def delegate() -> ResponseReturnValue:
    """Delegate decisions, as the chief executive."""
    actor = staff.me()
    substitute, filled = _forms(actor)

    def act(values: Mapping[str, Any]) -> str:
        since, until = _span(values)
        lent.delegate(actor, _id(values["delegate"]), values["decisions"], since=since, until=until)
        return "The decisions are delegated."

    return _back() if filled.accepted(act) else (_page(actor, substitute, filled), filled.status)


@blueprint.post("/lent/<int:lending_id>/end")
def end(lending_id: int) -> ResponseReturnValue:
    """Call a substitution or delegation off, at once."""
    actor = staff.me()
    try:
        once(actor, lambda: str(lent.call_off(actor, lending_id).id))
    except DomainError as error:
        flash(error.sentence, "error")
    else:
        flash("It has ended.", "success")
    return _back()


def _forms(actor: Actor) -> tuple[_Lend, _Lend]:
    people = [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]
    keeps = Role.PROGRAMME_ADMINISTRATOR in actor.roles
    return _Lend(SubstituteForForm if keeps else SubstituteForm, people), _Lend(DelegateForm, people)


def _page(actor: Actor, substitute: _Lend, delegate: _Lend) -> str:
    held = offices.held()
    appoints = any(each.id == "appointment" and actor.roles & each.opened_by for each in here().registry)
    rows = [row for role in offices.OFFICES for row in _office(role, [each for each in held if each.role is role])]
    standing = lendings.standing(moment())
    people = names_of(each for row in standing for each in (row.of_id, row.to_id))
    return staff.page(
        "pages/offices.html",
        title="Offices",
        lead="Who holds which office, and who does whose tasks meanwhile.",
        held={"columns": _HELD, "rows": rows},
        lent=[_lent(actor, row, people) for row in standing],
        substitute=substitute,
        delegate=delegate if Role.CHIEF_EXECUTIVE in actor.roles else None,
        appoint_href=url_for("report.fill_in", process_id="appointment") if appoints else None,
        has_errors=substitute.wrong or delegate.wrong,
    )


def _office(role: Role, held: Sequence[Holding]) -> list[list[dict[str, Any]]]:
    if not held:
        since = offices.vacant_since(role) if role in offices.DECIDING else None
        vacant = {"text": "Vacant", "level": "today" if role in offices.DECIDING else "plain"}
        return [[{"text": role.words}, vacant, {"text": staff.day(since) or "–"}, {"text": "–"}]]
    return [[{"text": role.words}, {"text": each.person.name}, *_term(each)] for each in held]


def _term(holding: Holding) -> list[dict[str, Any]]:
    found = holding.appointment
    if found is None:
        return [{"text": "Entered with the account"}, {"text": "No end"}]
    until = staff.day(found.until - timedelta(minutes=1)) if found.until else "No end"
    return [{"text": staff.day(found.since), "under": found.case_number}, {"text": until}]


def _lent(actor: Actor, row: Lending, people: Mapping[int, str]) -> dict[str, Any]:
    words = lending.delegable()
    what = ", ".join(words.get(name, name) for name in row.decisions) or "All tasks"
    concerned = actor.person_id in (row.of_id, row.to_id) or Role.PROGRAMME_ADMINISTRATOR in actor.roles
    return {
        "of": people.get(row.of_id, ""),
        "to": people.get(row.to_id, ""),
        "what": what,
        "kind": "By delegate" if row.decisions else "Substitute",
        "since": staff.day(row.since),
        "until": staff.day(row.until - timedelta(minutes=1)),
        "end": url_for(".end", lending_id=row.id) if concerned else "",
    }


def _span(values: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """From the first day's midnight to that after the last."""
    moment_of, last = here().profile.calendar.moment, date.fromisoformat(values["until"])
    return moment_of(date.fromisoformat(values["since"]), time(0)), moment_of(last + timedelta(days=1), time(0))


def _id(value: str) -> int:
    found = whole(value)
    return -1 if found is None else found


def _back() -> ResponseReturnValue:
    return redirect(url_for(".show"), 303)
