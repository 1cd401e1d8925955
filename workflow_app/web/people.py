"""People with an account: everybody in a list, one page each, and what an administrator changes there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from workflow_app.access import Action, Role, require
from workflow_app.cases import staffing
from workflow_app.cases.installation import here
from workflow_app.db import session
from workflow_app.kit import FieldView, Form, Option, choice, choices, email, text
from workflow_app.people import Person, names_of, offices, person, second_factors
from workflow_app.registers import alpr_access
from workflow_app.web import staff
from workflow_app.web.forms import views
from workflow_app.web.registers.pages import Filled

blueprint = Blueprint("people", __name__, url_prefix="/people")

_ROLES = [Option(value=role.value, label=role.words) for role in Role]
_TRANSFER = (
    Option(value="moved", label="They do other work now", hint="Their access ends, and has to be approved anew."),
    Option(value="same", label="They do the same work", hint="The unit only has another name."),
)
_MOST = 2**31


class PlaceForm(Form):
    """Where somebody stands in the agency, and what they may do."""

    unit = text("Unit", "Such as Patrol East.", required=False, most=100)
    supervisor = text("Direct supervisor", "Their e-mail address here.", required=False, most=254)
    roles = choices(
        "Roles",
        _ROLES,
        "What they may do, from the next page they open. Appointments to offices stand under Offices.",
        required=False,
        select_all=False,
    )
    reason = text("Reason", "Stands in the record.", most=500)


class ChangeForm(PlaceForm):
    """The same of somebody who has an account."""

    transfer = choice(
        "If the unit changes: what has happened?", _TRANSFER, "Access to the ALPR system was approved for a duty.",
        required=False,
    )  # fmt: skip

    class Meta:
        fields = ("unit", "transfer", "supervisor", "roles", "reason")
        ordered = True


class InviteForm(PlaceForm):
    """Somebody who gets an account."""

    name = text("Name", "First and last name of one person.", most=200)
    email = email("E-mail", "Their own. They sign in with it, and get a link to choose a password.")
    employee_number = text("Employee number", required=False, most=40)

    class Meta:
        fields = ("name", "email", "employee_number", "unit", "supervisor", "roles", "reason")
        ordered = True


class ReasonForm(Form):
    """Why something is done to an account."""

    reason = text("Reason", "Stands in the record.", most=500)


class _Account(Filled):
    """A form about an account, which offers what can be given here, and asks only what concerns this one."""

    def __init__(self, form: type[Form], start: Mapping[str, Any] | None = None) -> None:
        super().__init__(form, start)
        self.held = frozenset((start or {}).get("roles", ()))
        self.has_access = bool((start or {}).get("has_access"))

    @property
    def fields(self) -> list[FieldView]:
        """The fields, without the offices that are given by appointment alone."""
        closed = {role.value for role in offices.by_appointment_alone()} - self.held
        offered = {"roles": [each for each in _ROLES if each.value not in closed]}
        found = views(self.form, values=self.typed, errors=self.errors, options=offered, zone=here().profile.zone)
        return [each for each in found if each.name != "transfer" or self.has_access]


_ACTS: Mapping[str, tuple[Callable[..., Person], str]] = {
    "close": (staffing.close, "The account of {} is closed."),
    "release": (staffing.release, "{} can sign in again."),
    "reset": (staffing.reset_second_factor, "{} sets up another second factor at the next sign-in."),
}


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.MANAGE_PEOPLE)


@blueprint.get("")
def index() -> str:
    """Everybody, those whose account is locked first."""
    return _index(_Account(InviteForm))


@blueprint.post("")
def invite() -> ResponseReturnValue:
    """Open an account and send its link."""
    filled = _Account(InviteForm)
    actor = staff.me()

    def act(values: Mapping[str, Any]) -> str:
        made = staffing.invite(actor, **values)
        return f"{made.name} has an account. A link to choose a password is on its way to {made.email}."

    return redirect(url_for(".index"), 303) if filled.accepted(act) else (_index(filled), filled.status)


@blueprint.get("/<int:person_id>")
def show(person_id: int) -> str:
    """One person's account."""
    return _one(_get(person_id))


@blueprint.post("/<int:person_id>")
def change(person_id: int) -> ResponseReturnValue:
    """Change unit, supervisor and roles."""
    filled, actor = _Account(ChangeForm, _start(_get(person_id))), staff.me()

    def act(values: Mapping[str, Any]) -> str:
        return f"The account of {staffing.change(actor, person_id, **values).name} is changed."

    if filled.accepted(act):
        return redirect(url_for(".show", person_id=person_id), 303)
    return _one(_get(person_id), filled=filled), filled.status


@blueprint.post("/<int:person_id>/<any(close, release, reset):what>")
def act_on(person_id: int, what: str) -> ResponseReturnValue:
    """Close an account, release a locked one, or reset a second factor."""
    filled, actor = Filled(ReasonForm), staff.me()
    verb, words = _ACTS[what]
    if filled.accepted(lambda values: words.format(verb(actor, person_id, **values).name)):
        return redirect(url_for(".show", person_id=person_id), 303)
    return _one(_get(person_id), refused={what: filled}), filled.status


def _get(person_id: int) -> Person:
    return person(person_id if person_id < _MOST else 0)


def _start(someone: Person) -> dict[str, Any]:
    led_by = person(someone.supervisor_id).email if someone.supervisor_id else ""
    return {
        "unit": someone.unit, "supervisor": led_by, "roles": [each.name for each in someone.roles],
        "has_access": alpr_access.is_held(someone.id),
    }  # fmt: skip


def _state(someone: Person) -> dict[str, str]:
    if not someone.active:
        return {"text": "Closed", "level": "stopped"}
    if someone.locked_at:
        return {"text": "Locked", "level": "overdue"}
    return {"text": "Active", "level": "done"} if someone.password else {"text": "Invited", "level": "soon"}


def _index(filled: Filled) -> str:
    order = (Person.locked_at.is_(None), Person.active.desc(), Person.name, Person.id)
    everybody = session().scalars(sa.select(Person).order_by(*order)).all()
    rows = [
        [
            {"text": each.name, "href": url_for(".show", person_id=each.id), "under": each.email},
            {"text": ", ".join(sorted(role.words for role in each.role_set)) or "None"},
            {"text": each.unit or "None"},
            _state(each),
        ]
        for each in everybody
    ]
    columns = [{"label": "Person"}, {"label": "Roles"}, {"label": "Unit"}, {"label": "Account"}]
    locked = sum(each.locked_at is not None and each.active for each in everybody)
    return staff.page(
        "people/index.html", title="People", rows=rows, columns=columns, filled=filled, has_errors=filled.wrong,
        locked=locked,
    )  # fmt: skip


def _one(someone: Person, filled: Filled | None = None, refused: Mapping[str, Filled] | None = None) -> str:
    names = names_of([someone.supervisor_id])
    open_to = {
        "release": someone.active and someone.locked_at is not None,
        "reset": someone.active and second_factors.is_set_up(someone.id),
        "close": someone.active,
    }
    mine = someone.id == current_user.id
    forms = {what: (refused or {}).get(what) or Filled(ReasonForm) for what, can in open_to.items() if can and not mine}
    facts = [
        {"label": "E-mail", "value": someone.email},
        {"label": "Employee number", "value": someone.employee_number or ""},
        {"label": "Unit", "value": someone.unit},
        {"label": "Direct supervisor", "value": names.get(someone.supervisor_id or 0, "")},
        {"label": "Roles", "value": ", ".join(sorted(role.words for role in someone.role_set)) or "None"},
        {"label": "Account since", "value": staff.day(someone.created_at)},
        {"label": "Locked", "value": staff.words(someone.locked_at)},
        {"label": "Second factor", "value": "Set up" if second_factors.is_set_up(someone.id) else "None"},
        {"label": "Closed", "value": "" if someone.active else staff.words(someone.left_at) or "Yes"},
    ]
    return staff.page(
        "people/person.html",
        title=someone.name,
        crumbs=[{"label": "People", "href": url_for(".index")}, {"label": someone.name}],
        badge=_state(someone),
        has_errors=bool(filled or refused),
        person_id=someone.id,
        facts=[each for each in facts if each["value"]],
        filled=None if mine or not someone.active else filled or _Account(ChangeForm, _start(someone)),
        acts=forms,
        mine=mine,
    )
