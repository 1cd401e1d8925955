"""What the API takes and what it answers. Bodies that people could fill in as a form are kit forms."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from workflow_app.kit import Form, email, long_text
from workflow_app.registers.agencies import AgencyClass


def said(description: str, **more: Any) -> dict[str, Any]:
    """What the API's description says of a field."""
    return {"metadata": {"description": description, **more}}


class Problem(Schema):
    """An error (RFC 9457)."""

    type = fields.String()
    title = fields.String(**said("One sentence for whoever reads it."))
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String(**said("The address that was called."))
    errors = fields.Dict(
        keys=fields.String(), values=fields.List(fields.String()), **said("On 422: sentences by field.")
    )


class OpenCase(Schema):
    """A case to open, with the answers of the process's start form."""

    class Meta:
        unknown = RAISE

    process = fields.String(required=True, validate=validate.Length(max=64))
    answers = fields.Dict(required=True)
    origin = fields.String(
        validate=validate.Length(max=40), **said("The number of the case from which it is opened, and linked to it.")
    )


class Completion(Schema):
    """The answers of a task's form."""

    class Meta:
        unknown = RAISE

    answers = fields.Dict(required=True)


class Reassignment(Form):
    """Who is to do a task instead, and why."""

    to = email("To", "The e-mail address of the person's account.")
    reason = long_text("Reason", "It stands in the case's record.")


class Person(Schema):
    """Somebody with an account."""

    name = fields.String()
    email = fields.String()


class TaskInCase(Schema):
    """Open work of a case, as the case shows it."""

    id = fields.String()
    step = fields.String(**said("The element's id in the model; stable."))
    name = fields.String()
    case = fields.String(**said("The case's number."))
    role = fields.String(**said("Whose work it is: a role, `vendor` or `partner_agency`."))
    assignee = fields.Nested(Person, allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    priority = fields.String(**said("`urgent` or `normal`."))
    status = fields.String(**said("`open`, `done` or `withdrawn`."))
    version = fields.Integer()
    etag = fields.String(**said("What If-Match takes; also the answer's ETag."))
    url = fields.String(**said("Where the API has all of the task."))


class Task(TaskInCase):
    """One piece of work, with its form."""

    candidates = fields.List(fields.Nested(Person), **said("Everybody who may do it now."))
    form = fields.Dict(**said("The form as JSON Schema, with the options of this very case."))
    answers = fields.Dict(**said("The caller's draft; empty when there is none."))


class CaseLink(Schema):
    """A case that belongs to this one."""

    case = fields.String(**said("The other case's number."))
    process = fields.String()
    kind = fields.String(**said("`follows`, `again`, `recurs`, `duplicate`, `asks`, `disputes`, `mail` or `related`."))
    from_here = fields.Boolean(**said("Whether this case is the first of the two: the duplicate, the earlier one."))
    made_at = fields.AwareDateTime()
    by = fields.String(**said("Empty where the caller may not know who."))
    reason = fields.String()


class Reporter(Schema):
    """That a case came with a receipt code, and how; never from whom."""

    way = fields.String(
        **said("`named`, `confidential` or `anonymous`; empty for one of the staff, who was signed in.")
    )
    may_write = fields.Boolean(**said("Whether the caller may read and write the messages."))
    unread = fields.Integer(**said("How many messages of the reporter nobody has read; 0 where they are not for you."))


class Case(Schema):
    """One running or closed process."""

    id = fields.Integer()
    number = fields.String(metadata={"example": "ER-2026-000187"})
    process = fields.String()
    process_version = fields.String(**said("SHA-256 of the model's files, which the case keeps to its end."))
    status = fields.String()
    title = fields.String()
    severity = fields.String(allow_none=True, **said("S1 to S4; S1 and S2 are grave."))
    outcome = fields.String(allow_none=True, **said("The end it came to, by the model's id."))
    parent = fields.String(allow_none=True, **said("The number of the case that opened it."))
    opened_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    tasks = fields.List(fields.Nested(TaskInCase), **said("What is open now."))
    links = fields.List(
        fields.Nested(CaseLink), **said("Linked cases the caller may see; absent where several cases are listed.")
    )
    reporter = fields.Nested(
        Reporter, allow_none=True, **said("Null without a receipt code; absent where several cases are listed.")
    )
    url = fields.String(**said("The case's page for people."))
    warnings = fields.List(
        fields.String(), **said("After sending answers: fields whose text looks like a plate; nothing is refused.")
    )


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
    prefix = fields.String(**said("The letters before its case numbers."))
    title = fields.String()
    purpose = fields.String()
    serves = fields.List(fields.String(), **said("The policy's requirements it serves."))
    version = fields.String(**said("SHA-256 of the model's files."))
    can_open = fields.Boolean(**said("Whether the caller may open a case of it."))
    form = fields.Dict(**said("The start form as JSON Schema."))
    bpmn = fields.String(**said("The model's source."))


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
    purpose = fields.String(allow_none=True)
    certificate = fields.String(attribute="certification.case_number", dump_default=None, allow_none=True)
    delete_by = fields.Date(allow_none=True)
    deletion_case = fields.String(allow_none=True)
    deleted_at = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()
    created_by = fields.String()
    warnings = fields.List(
        fields.String(), **said("After entering one: fields whose text looks like a plate; nothing is refused.")
    )


class Certification(Schema):
    """What a partner agency has certified, in which case, and until when it holds."""

    id = fields.Integer()
    agency = fields.Nested(AgencyName)
    recipient_class = fields.String()
    state = fields.String(**said("asked, valid, replaced, expired, refused or suspended."))
    case_number = fields.String()
    text_version = fields.Integer()
    text_sha256 = fields.String()
    data_scope = fields.String()
    purposes = fields.String()
    legal_basis = fields.String()
    signatory = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    signatory_email = fields.String(allow_none=True)
    recipients_added_by = fields.String(allow_none=True)
    deletion_days = fields.Integer(allow_none=True)
    asked_at = fields.AwareDateTime()
    signed_at = fields.AwareDateTime(allow_none=True)
    expires_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    reason = fields.String(allow_none=True)


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
        "next": fields.String(allow_none=True, **said("Send it as `page` to go on; null at the end.")),
    }
    made: type[Schema] = Schema.from_dict(described, name=f"{item.__name__}List")  # type: ignore[arg-type]
    return made
