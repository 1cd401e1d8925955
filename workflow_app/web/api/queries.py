"""What may stand in a query string: filters and pages of the lists."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from workflow_app.cases.models import CaseStatus
from workflow_app.registers.paging import MAX_ID
from workflow_app.registers.plain_text import is_storable
from workflow_app.web.api.schemas import said


def _is_row_id(page: str) -> None:
    if page and not (page.isascii() and page.isdigit() and 0 < int(page[:12]) <= MAX_ID):
        raise ValidationError("This page does not exist. Please start again from the first one.")


def _is_storable(words: str) -> None:
    if not is_storable(words):
        raise ValidationError("Please remove the invisible control characters.")


def _words(description: str, most: int = 200) -> Any:
    return fields.String(load_default="", validate=[validate.Length(max=most), _is_storable], **said(description))


def _flag(description: str) -> Any:
    return fields.Boolean(load_default=False, **said(description))


def _page(check: Any = _is_storable) -> Any:
    return fields.String(
        load_default="", validate=[validate.Length(max=2000), check], **said("The `next` of the page before.")
    )


class CaseQuery(Schema):
    """Which cases."""

    process = _words("Only cases of this process.")
    status = fields.String(
        load_default="",
        validate=validate.OneOf([status.value for status in CaseStatus]),
        **said("Only cases that are open, closed or cancelled."),
    )
    q = _words("Words of the title, a case number, or its last digits.")
    parent = _words("Only cases that the case with this number has opened, such as the notices of an error review.")
    page = _page(_is_row_id)


class EventQuery(Schema):
    """Which entries of the record."""

    page = _page(_is_row_id)


class MessageQuery(Schema):
    """Which messages."""

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


class CertificationQuery(Schema):
    """Which certificates."""

    agency = _words("Only those of this agency: its name, or its id in the agency list.")
    page = _page()


class HotListQuery(Schema):
    """Whose subscribers."""

    hot_list = fields.String(
        required=True, validate=[validate.Length(max=200), _is_storable], **said("The hot list's name.")
    )
