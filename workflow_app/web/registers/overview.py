"""The first page of the registers: what there is, and what was changed last."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from workflow_app.audit import Event
from workflow_app.db import session
from workflow_app.errors import NotFound
from workflow_app.registers import access_list, vendors
from workflow_app.registers.agencies import PartnerAgency
from workflow_app.registers.alpr_access import AccessState
from workflow_app.registers.certifications import Certification, CertificationState
from workflow_app.registers.hotlists import HotList
from workflow_app.registers.shares import Share
from workflow_app.web import staff
from workflow_app.web.registers.pages import blueprint, stream

_NAMES = ("agencies", "shares", "hotlists", "vendors", "course")
_LATEST = 10


@blueprint.get("")
def index() -> str:
    """All registers."""
    return staff.page(
        "registers/index.html",
        title="Registers",
        lead="Who has access, whom data are shared with, what was shared, and whom to write to when it proves wrong.",
        rows=[_access(), _agencies(), _certifications(), _shares(), _hot_lists(), _vendor()],
        latest=[
            {"title": event.summary, "by": event.actor_label, "at": event.at, "words": staff.words(event.at)}
            for event in _latest()
        ],
    )


def _access() -> list[dict[str, Any]]:
    counts = access_list.counts()
    stopped, asked = counts[AccessState.SUSPENDED], counts[AccessState.REQUESTED]
    detail = f"{stopped:,} suspended, {asked:,} asked for"
    return _row("Access to the ALPR system", "registers.listed_access", f"{counts[AccessState.ACTIVE]:,}", detail)


def _agencies() -> list[dict[str, Any]]:
    suspended = _count(PartnerAgency, PartnerAgency.sharing_suspended_at.is_not(None))
    without = _count(PartnerAgency, PartnerAgency.contact_email.is_(None))
    detail = f"{without:,} without a contact, {suspended:,} with sharing suspended"
    return _row("Partner agencies", "registers.listed_agencies", f"{_count(PartnerAgency):,}", detail)


def _shares() -> list[dict[str, Any]]:
    return _row("Shares", "registers.listed_shares", f"{_count(Share):,}", "Which record went to which agency, and why")


def _certifications() -> list[dict[str, Any]]:
    held = _count(Certification, Certification.state == CertificationState.VALID)
    detail = f"{held:,} valid; who has certified what, and until when"
    return _row("Certificates", "registers.listed_certifications", f"{_count(Certification):,}", detail)


def _hot_lists() -> list[dict[str, Any]]:
    return _row(
        "Hot lists", "registers.listed_hot_lists", f"{_count(HotList):,}", "Who keeps each, and who receives it"
    )


def _vendor() -> list[dict[str, Any]]:
    try:
        known = vendors.contact().organisation
    except NotFound:
        known = "None is named yet"
    return _row("Vendor", "registers.vendor", known, "Whom we ask to investigate")


def _row(name: str, endpoint: str, entries: str, detail: str) -> list[dict[str, Any]]:
    return [{"text": name, "href": url_for(endpoint), "under": detail}, {"text": entries}]


def _count(table: type[Any], *where: sa.ColumnElement[bool]) -> int:
    return session().scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def _latest() -> list[Event]:
    streams = [stream(name) for name in _NAMES]
    query = sa.select(Event).where(Event.stream.in_(streams)).order_by(Event.id.desc()).limit(_LATEST)
    return list(session().scalars(query))
