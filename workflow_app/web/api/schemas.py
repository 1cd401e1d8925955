"""What the API takes and what it answers. Bodies that people could fill in as a form are kit forms."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from workflow_app.cases.models import CaseStatus
from workflow_app.kit import Form, choice, email, long_text, text
from workflow_app.kit.fields import Option
from workflow_app.registers.agencies import AgencyClass
from workflow_app.registers.paging import MAX_ID
from workflow_app.registers.plain_text import is_storable


def _said(description: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"description": description, **more}}


class Problem(Schema):
    """An error (RFC 9457)."""

    type = fields.String()
    title = fields.String(**_said("One sentence for whoever reads it."))
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String(**_said("The address that was called."))
    errors = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), **_said("On 422: sentences by field.")
    )


class OpenCase(Schema):
    """A case to open, with the answers of the process's start form."""

    class Meta:
        unknown = RAISE

    process = fields.String(required=True, validate=validate.Length(max=64))
    answers = fields.Dict(required=True)


class Completion(Schema):
    """The answers of a task's form."""

    class Meta:
        unknown = RAISE

    answers = fields.Dict(required=True)


class Reassignment(Form):
    """Who is to do a task instead, and why."""

    to = email("To", "The e-mail address of the person's account.")
    reason = long_text("Reason", "It stands in the case's record.")


class NewAgency(Form):
    """A partner agency entered by hand."""

    name = text("Name")
    agency_class = choice(
        "Class",
        tuple(Option(value=kind.value, label=kind.value.capitalize()) for kind in AgencyClass),
        required=False,
    )
    state = text("State", "Two letters, such as CA.", required=False, most=2)
    source_id = text("Id in the agency list", required=False, most=64)
    contact_name = text("Contact person", required=False)
    contact_title = text("Position", required=False)
    contact_email = email("E-mail address", required=False)
    head_email = email("E-mail address of the agency's head", required=False)


def _is_row_id(page: str) -> None:
    if page and not (page.isascii() and page.isdigit() and 0 < int(page[:12]) <= MAX_ID):
        raise ValidationError("This page does not exist. Please start again from the first one.")


def _is_storable(words: str) -> None:
    if not is_storable(words):
        raise ValidationError("Please remove the invisible control characters.")


def _words(description: str, most: int = 200) -> Any:
    return fields.String(load_default="", validate=[validate.Length(max=most), _is_storable], **_said(description))


def _flag(description: str) -> Any:
    return fields.Boolean(load_default=False, **_said(description))


def _page(check: Any = _is_storable) -> Any:
    return fields.String(
        load_default="", validate=[validate.Length(max=2000), check], **_said("The `next` of the page before.")
    )


class CaseQuery(Schema):
    """Which cases."""

    process = _words("Only cases of this process.")
    status = fields.String(
        load_default="",
        validate=validate.OneOf([status.value for status in CaseStatus]),
        **_said("Only cases that are open, closed or cancelled."),
    )
    q = _words("Words of the title, or a case number.")
    page = _page(_is_row_id)


class EventQuery(Schema):
    """Which entries of the record."""

    page = _page(_is_row_id)


class TaskQuery(Schema):
    """Which tasks."""

    mine = _flag("Only what waits for the caller.")
    overdue = _flag("Only what is late.")
    process = _words("Only tasks of this process.")
    page = _page()


class AgencyQuery(Schema):
    """Which agencies."""

    q = _words("Words of the name.")
    page = _page()


class ShareQuery(Schema):
    """Which shares."""

    agency = _words("Only shares with this agency: its name, or its id in the agency list.")
    record_reference = _words("Only shares of this record.")
    page = _page()


class HotListQuery(Schema):
    """Whose subscribers."""

    hot_list = fields.String(
        required=True, validate=[validate.Length(max=200), _is_storable], **_said("The hot list's name.")
    )


class Person(Schema):
    """Somebody with an account."""

    name = fields.String()
    email = fields.String()


class TaskInCase(Schema):
    """Open work of a case, as the case shows it."""

    id = fields.String()
    step = fields.String(**_said("The element's id in the model; stable."))
    name = fields.String()
    case = fields.String(**_said("The case's number."))
    role = fields.String(**_said("Whose work it is: a role, `vendor` or `partner_agency`."))
    assignee = fields.Nested(Person, allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    priority = fields.String(**_said("`urgent` or `normal`."))
    status = fields.String(**_said("`open`, `done` or `withdrawn`."))
    version = fields.Integer()
    etag = fields.String(**_said("What If-Match takes; also the answer's ETag."))
    url = fields.String(**_said("Where the API has all of the task."))


class Task(TaskInCase):
    """One piece of work, with its form."""

    candidates = fields.List(fields.Nested(Person), **_said("Everybody who may do it now."))
    form = fields.Dict(**_said("The form as JSON Schema, with the options of this very case."))
    answers = fields.Dict(**_said("The caller's draft; empty when there is none."))


class Case(Schema):
    """One running or closed process."""

    id = fields.Integer()
    number = fields.String(metadata={"example": "ER-2026-000187"})
    process = fields.String()
    process_version = fields.String(**_said("SHA-256 of the model's files, which the case keeps to its end."))
    status = fields.String()
    title = fields.String()
    severity = fields.String(allow_none=True, **_said("S1 to S4; S1 and S2 are grave."))
    outcome = fields.String(allow_none=True, **_said("The end it came to, by the model's id."))
    parent = fields.String(allow_none=True, **_said("The number of the case that opened it."))
    opened_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    tasks = fields.List(fields.Nested(TaskInCase), **_said("What is open now."))
    url = fields.String(**_said("The case's page for people."))


class Event(Schema):
    """One entry of a case's record; each hash covers the entry and the hash before it."""

    seq = fields.Integer()
    at = fields.AwareDateTime()
    kind = fields.String()
    actor = fields.String(attribute="actor_label")
    via = fields.String()
    step = fields.String()
    summary = fields.String()
    data = fields.Dict()
    hash = fields.String()


class Process(Schema):
    """A process that this service runs."""

    id = fields.String()
    prefix = fields.String(**_said("The letters before its case numbers."))
    title = fields.String()
    purpose = fields.String()
    serves = fields.List(fields.String(), **_said("The policy's requirements it serves."))
    version = fields.String(**_said("SHA-256 of the model's files."))
    can_open = fields.Boolean(**_said("Whether the caller may open a case of it."))
    form = fields.Dict(**_said("The start form as JSON Schema."))
    bpmn = fields.String(**_said("The model's source."))


class AgencyName(Schema):
    """Which partner agency is meant."""

    id = fields.Integer()
    source_id = fields.String(allow_none=True)
    name = fields.String()


class Agency(AgencyName):
    """A partner agency."""

    state = fields.String(allow_none=True)
    agency_class = fields.Enum(AgencyClass, by_value=True)
    active = fields.Boolean()
    contact_name = fields.String(allow_none=True)
    contact_title = fields.String(allow_none=True)
    contact_email = fields.String(allow_none=True)
    head_email = fields.String(allow_none=True)
    sharing_suspended_at = fields.AwareDateTime(allow_none=True)


class Share(Schema):
    """A record that was shared."""

    id = fields.Integer()
    record_reference = fields.String()
    agency = fields.Nested(AgencyName)
    shared_on = fields.Date()
    case_number = fields.String()
    legal_basis = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    created_by = fields.String()


class LineProblem(Schema):
    """A line of a file that was left out."""

    line = fields.Integer()
    problem = fields.String()


class ImportResult(Schema):
    """What came of a file."""

    new = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    skipped = fields.List(fields.Nested(LineProblem))


class HotList(Schema):
    """A hot list, known by its name."""

    name = fields.String()


class Subscription(Schema):
    """An agency that receives a hot list."""

    hot_list = fields.String()
    agency = fields.Nested(AgencyName)


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a list of these: `{items, next}`."""
    described = {
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(allow_none=True, **_said("Send it as `page` to go on; null at the end.")),
    }
    made: type[Schema] = Schema.from_dict(described, name=f"{item.__name__}List")  # type: ignore[arg-type]
    return made
