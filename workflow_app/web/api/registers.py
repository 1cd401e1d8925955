"""Registers: partner agencies, shares, and who receives which hot list."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from workflow_app.access import Action, require
from workflow_app.audit import append_to, entry
from workflow_app.cases import personal
from workflow_app.cases.installation import here
from workflow_app.db import moment, session, unit_of_work
from workflow_app.registers import agencies, certifications, hotlists, releases, shares
from workflow_app.registers.agencies import AgencyClass, PartnerAgency
from workflow_app.registers.forms import AgencyContactForm, HotListSubscriptionForm, NewAgency, NewShareForm
from workflow_app.registers.paging import Page
from workflow_app.registers.reading import ImportReport
from workflow_app.registers.shares import Share
from workflow_app.web.api import queries, schemas
from workflow_app.web.api.auth import caller
from workflow_app.web.api.blueprint import Answer, answers, asks, describes, get, patch, post, takes
from workflow_app.web.api.bodies import warned
from workflow_app.web.api.once import once
from workflow_app.web.api.reading import body_text

CSV = "text/csv"


@get("/agencies", area="registers")
@asks(queries.AgencyQuery)
@answers(200, schemas.page_of(schemas.Agency))
@describes(fails=(403,))
def list_agencies(asked: dict[str, Any]) -> Answer:
    """Partner agencies, by name."""
    require(caller(), Action.SEE_REGISTERS)
    return _listed(agencies.search(asked["q"], asked["page"]))


@post("/agencies", area="registers")
@takes(NewAgency)
@answers(201, schemas.Agency)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 409))
def add_agency(sent: dict[str, Any]) -> Answer:
    """Enter a partner agency by hand."""
    require(caller(), Action.MANAGE_REGISTERS)

    def add() -> str:
        known_class = AgencyClass(sent["agency_class"] or AgencyClass.UNKNOWN)
        added = agencies.add(**sent | {"agency_class": known_class}, now=moment())
        _note("agencies", "agency.added", f"{added.name} entered", agency=added.id)
        return str(added.id)

    return agencies.get(int(once(caller(), "enter an agency", sent, add)))


@get("/agencies/<int:agency_id>", area="registers")
@answers(200, schemas.Agency)
@describes(fails=(403, 404))
def agency(agency_id: int) -> Answer:
    """One partner agency."""
    require(caller(), Action.SEE_REGISTERS)
    return agencies.get(agency_id)


@patch("/agencies/<int:agency_id>", area="registers")
@takes(AgencyContactForm(partial=True))
@answers(200, schemas.Agency)
@describes(fails=(403, 404))
def change_agency(sent: dict[str, Any], agency_id: int) -> Answer:
    """Change whom notices are sent to; what is not sent stays as it is."""
    require(caller(), Action.MANAGE_REGISTERS)
    with unit_of_work():
        found = agencies.get(agency_id)
        before = _contact(found)
        wanted = before | sent
        if sent.keys() - {"head_email"}:
            name, address = wanted["contact_name"] or "", wanted["contact_email"] or ""
            agencies.set_contact(agency_id, name, address, moment(), title=wanted["contact_title"])
        if "head_email" in sent:
            agencies.set_head(agency_id, sent["head_email"], moment())
        if (after := _contact(found)) != before:
            words, about = f"{found.name}: the contact was changed", {"agency": agency_id}
            changes = {"before": personal.marks(before), "after": personal.marks(after)}
            _note("agencies", "agency.contact_changed", words, **about, **changes)
    return found


def _contact(found: PartnerAgency) -> dict[str, str | None]:
    return {name: getattr(found, name) for name in AgencyContactForm.questions()}


@get("/shares", area="registers")
@asks(queries.ShareQuery)
@answers(200, schemas.page_of(schemas.Share))
@describes(fails=(403,))
def list_shares(asked: dict[str, Any]) -> Answer:
    """What was shared, the latest day first."""
    require(caller(), Action.SEE_REGISTERS)
    agency_id = agencies.named(asked["agency"]).id if asked["agency"] else None
    found = shares.list_shares(asked["page"], agency_id=agency_id, record_reference=asked["record_reference"] or None)
    return _listed(found)


@post("/shares", area="registers")
@takes(NewShareForm)
@answers(201, schemas.Share)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 409))
def add_share(sent: dict[str, Any]) -> Answer:
    """Enter a record that was shared."""
    require(caller(), Action.MANAGE_REGISTERS)

    def add() -> str:
        receiver = agencies.named(sent["agency"])
        asked = {name: value for name, value in sent.items() if name != "agency"}
        made = releases.release(here().profile, **asked, agency_id=receiver.id, created_by=caller().label, now=moment())
        words = (
            f"Sharing of record {made.record_reference} with {receiver.name} on {made.shared_on.isoformat()} entered"
        )
        _note("shares", "share.recorded", words, share=made.id, agency=receiver.id)
        return str(made.id)

    made = session().get_one(Share, int(once(caller(), "enter a share", sent, add)))
    beside = {"agency", "certificate", "warnings"}
    own = {name: getattr(made, name) for name in schemas.Share().fields if name not in beside}
    certification = certifications.get(made.certification_id) if made.certification_id else None
    body = own | {"agency": agencies.get(made.agency_id), "certification": certification}
    return warned(body, NewShareForm, sent)


@post("/shares/import", area="registers")
@answers(200, schemas.ImportResult)
@describes(
    headers=("IDEMPOTENCY_KEY",),
    fails=(403, 413, 415),
    requestBody={"required": True, "content": {CSV: {"schema": {"type": "string"}}}},
)
def import_shares() -> Answer:
    """Enter the shares of a CSV file; bad lines are named and left out, and a second run enters nothing."""
    require(caller(), Action.MANAGE_REGISTERS)
    content = body_text(CSV)

    def read_in() -> str:
        gate = releases.gate(here().profile)
        report = shares.import_shares(content, moment(), created_by=caller().label, gate=gate)
        if report.new:
            counts = {"new": report.new, "unchanged": report.unchanged, "skipped": len(report.skipped)}
            _note("shares", "shares.imported", f"Shares imported from a file: {report.new} new", **counts)
        return report.as_text()

    file = {"file": sha256(content).hexdigest()}
    report = ImportReport.from_text(once(caller(), "import shares", file, read_in))
    skipped = [{"line": line, "problem": problem} for line, problem in report.skipped]
    return {"new": report.new, "changed": report.changed, "unchanged": report.unchanged, "skipped": skipped}


@get("/certifications", area="registers")
@asks(queries.CertificationQuery)
@answers(200, schemas.page_of(schemas.Certification))
@describes(fails=(403,))
def list_certifications(asked: dict[str, Any]) -> Answer:
    """Certificates of partner agencies, the latest asked for first."""
    require(caller(), Action.SEE_REGISTERS)
    agency_id = agencies.named(asked["agency"]).id if asked["agency"] else None
    return _listed(certifications.listed(asked["page"], agency_id=agency_id))


@get("/hot-lists", area="registers")
@answers(200, schemas.page_of(schemas.HotList))
@describes(fails=(403,))
def list_hot_lists() -> Answer:
    """Hot lists, by name."""
    require(caller(), Action.SEE_REGISTERS)
    return {"items": [{"name": name} for name in hotlists.names()], "next": None}


@get("/hot-list-subscriptions", area="registers")
@asks(queries.HotListQuery)
@answers(200, schemas.page_of(schemas.Subscription))
@describes(fails=(403, 404))
def list_subscriptions(asked: dict[str, Any]) -> Answer:
    """The agencies that receive a hot list."""
    require(caller(), Action.SEE_REGISTERS)
    name = asked["hot_list"]
    return {"items": [{"hot_list": name, "agency": one} for one in hotlists.subscribers(name)], "next": None}


@post("/hot-list-subscriptions", area="registers")
@takes(HotListSubscriptionForm)
@answers(201, schemas.Subscription)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403,))
def subscribe(sent: dict[str, Any]) -> Answer:
    """Note that an agency receives a hot list; a list not known yet is entered."""
    require(caller(), Action.MANAGE_REGISTERS)

    def enter() -> str:
        receiver = agencies.named(sent["agency"])
        hotlists.subscribe(sent["hot_list"], receiver.id)
        _note("hotlists", "hot_list.subscribed", f"{receiver.name} receives {sent['hot_list']}", agency=receiver.id)
        return str(receiver.id)

    receiver = agencies.get(int(once(caller(), "subscribe", sent, enter)))
    return {"hot_list": sent["hot_list"], "agency": receiver}


def _note(register: str, kind: str, words: str, **data: Any) -> None:
    """Put a change on the register's record, where the pages put theirs."""
    append_to(f"register:{register}", [entry(caller(), moment(), kind, words, **data)])


def _listed(found: Page[Any]) -> Answer:
    return {"items": found.items, "next": found.next}
