"""Every verb of the registers and of people that writes: no entry in the record, no act."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import notifications
from workflow_app import clock
from workflow_app.access import Role
from workflow_app.agency import changes
from workflow_app.cases import lent, personal, staffing
from workflow_app.cases.installation import here
from workflow_app.db import Base, session, unit_of_work
from workflow_app.people import lending_out, offices
from workflow_app.play import Play
from workflow_app.registers import (
    address_book,
    agencies,
    alpr_access,
    certifications,
    course_draft,
    notices,
    profile_changes,
    statements,
    training,
)
from workflow_app.registers.certifications import CertificationState
from workflow_app.registers.sharing_rules import RecipientClass

ROOT = Path(__file__).parents[2] / "workflow_app"
CASE = "XX-2026-000001"
TERMS = {"recipient_class": RecipientClass.IN_STATE, "data_scope": "Images", "purposes": "Theft", "legal_basis": "Law"}
SIGNED = {"signatory": "Kim Doe", "title": "Chief", "deletion_days": 30}
Verb = Callable[..., object]
Given = tuple[Verb, tuple[Any, ...], Mapping[str, Any]]


def call(verb: Verb, *args: Any, **more: Any) -> Given:
    """A verb and what it is given."""
    return verb, args, more


def acts(play: Play, until: datetime) -> Mapping[str, Given]:
    """Each verb that writes its own entry, with something for it to do in the house of `furnished`."""
    officer, new = play.officer.person_id, play.person("supervisor@riverton.example").person_id
    security, counsel, records = (getattr(play, part).person_id for part in ("security", "counsel", "records"))
    case: dict[str, Any] = {"case_number": CASE, "now": play.now}
    days = {"since": play.now, "until": until}
    late = {"case_number": CASE, "now": until + timedelta(days=1)}
    boss, profile = play.administrator, here().profile
    entry = changes.find(profile, "deadlines.error_review.triage")
    assert entry is not None
    proposal = profile_changes.Proposal(
        key=changes.key_of(entry), value=changes.value_of(entry), citation="Order 7", as_of=date(2026, 11, 1),
        reason="So.", open_cases=False, version=0,
    )  # fmt: skip
    return {
        "alpr_access.request": call(alpr_access.request, new, **case),
        "alpr_access.set_up": call(alpr_access.set_up, security, vendor_user_id="x", **case),
        "alpr_access.activate": call(alpr_access.activate, security, vendor_user_id="x", until=until, **case),
        "alpr_access.suspend": call(alpr_access.suspend, officer, reason="So.", **case),
        "alpr_access.moved": call(alpr_access.moved, officer, now=play.now),
        "alpr_access.end": call(alpr_access.end, officer, reason="So.", **case),
        "alpr_access.extend": call(alpr_access.extend, officer, until=until, lifts="", **case),
        "alpr_access.hand_over": call(alpr_access.hand_over, CASE, "XX-2026-000002", now=play.now),
        "alpr_access.resume": call(alpr_access.resume, records, **case),
        "training.sign_off": call(training.sign_off, new, course=1, expires_at=until, **case),
        "training.acknowledge": call(training.acknowledge, new, course=1, **case),
        "certifications.ask": call(certifications.ask, 1, **TERMS, **case),
        "certifications.sign": call(certifications.sign, "SC-1", expires_at=until, **SIGNED, now=play.now),
        "certifications.end": call(certifications.end, "SC-1", CertificationState.REFUSED, reason="So.", now=play.now),
        "certifications.suspend": call(certifications.suspend, 2, reason="So.", **case),
        "certifications.lapse": call(certifications.lapse, 2, reason="So.", **late),
        "certifications.resume": call(certifications.resume, 3, **case | {"case_number": "SC-3"}),
        "offices.begin": call(offices.begin, new, Role.COUNSEL, named_by=None, until=None, conflicts="", **case),
        "offices.end": call(offices.end, counsel, Role.COUNSEL, reason="So.", **case),
        "offices.end_all": call(offices.end_all, counsel, reason="So.", **case),
        "lending_out.name_substitute": call(lending_out.name_substitute, play.chief, play.chief.person_id, new, **days),
        "lending_out.delegate": call(lent.delegate, play.chief, new, ["account_approval.decide"], **days),
        "lending_out.call_off": call(lending_out.call_off, play.deputy, 1),
        "address_book.correct": call(
            address_book.correct, "kim@one.example", "k@one.example", name="Kim", mark=personal.mark, **case
        ),
        "course_draft.publish": call(
            course_draft.publish, play.trainer, percent=90, renews=False, reason="So.", version=1, now=play.now
        ),
        "notices.publish": call(
            notices.publish, "BN-1", notices.Kind.NOTICE, {}, approved_sha256=notices.digest({}), approved_by=1,
            now=play.now,
        ),
        "statements.keep": call(statements.keep, 2026, "YS-2", {}, written_by=1, now=play.now),
        "statements.publish": call(statements.publish, 2025, "Yes.", answered_by=1, now=play.now),
        "profile_changes.put_in_force": call(
            profile_changes.put_in_force, profile, proposal, proposed_by="A", decided_by="B", **case
        ),
        "staffing.invite": call(
            staffing.invite, boss, name="Mo Li", email="mo@riverton.example", employee_number=None, unit="",
            supervisor=None, roles=["staff"], reason="New.",
        ),
        "staffing.change": call(staffing.change, boss, new, unit="X", supervisor=None, roles=[], reason="So."),
        "staffing.close": call(staffing.close, boss, new, reason="So."),
        "staffing.release": call(staffing.release, boss, new, reason="So."),
        "staffing.reset_second_factor": call(staffing.reset_second_factor, boss, new, reason="So."),
    }  # fmt: skip


RECORDED_WITH_WHAT_CALLS_THEM = {
    "agencies": {"add", "set_contact", "set_head", "suspend_sharing", "resume_sharing"},
    "hotlists": {"subscribe", "unsubscribe", "set_owner"},
    "shares": {"record_share", "import_shares"},
    "releases": {"ask_for_deletion", "confirm_deletion"},
    "breaches": {"ask", "decide_no_harm", "delay", "meet", "owe", "weigh"},
    "vendors": {"set_contact"},
    "violations": {"note", "rate", "decide", "found_again", "merge"},
    "courses": {"publish"},
    "importing": {"import_agencies"},
    "accounts": {"create_person", "unlock", "leave", "change_address"},
    "second_factors": {"begin", "confirm", "check", "reset"},
    "tokens": {"issue_token"},
}
"""In the case whose step they are, or by the page, call or command that is theirs, in the same transaction."""
NOT_ACTS = {
    "alpr_access.note_use": "it repeats what the vendor's own log says",
    "course_draft.begin": "a draft is nobody's act before it is published",
    "course_draft.put": "the same",
    "course_draft.remove": "the same",
    "course_draft.drop": "the same",
    "sessions.begin": "signing in is recorded, by the page",
    "sessions.used": "when somebody was last here",
    "sessions.prove": "signing in is recorded, by the page",
    "sessions.end": "signing out is recorded, by the page",
    "sessions.end_all": "it belongs to an act on an account, which is recorded",
    "sessions.forget_old": "what has ended is tidied away",
    "plain_text.without_markup": "it writes nothing that is stored",
    "wrong_passwords.add": "a count; what it leads to is recorded",
    "wrong_passwords.clear": "a count; what it leads to is recorded",
    "wrong_passwords.forget_old": "what no longer counts is tidied away",
}


def test_what_cannot_be_recorded_is_not_done(play: Play) -> None:
    until = play.now + timedelta(days=30)
    furnished(play, until)
    before = stored()
    with unit_of_work() as unit:
        unit.execute(sa.text("create trigger full before insert on event begin select raise(abort, 'disk full'); end"))
    for name, (verb, args, more) in acts(play, until).items():
        with clock.stopped_at(play.now), pytest.raises(DBAPIError, match="disk full"), unit_of_work():
            verb(*args, **more)
        assert stored() == before, name


def test_every_verb_that_writes_is_known_to_be_recorded_or_says_why_not(play: Play) -> None:
    above = {f"{module}.{name}" for module, names in RECORDED_WITH_WHAT_CALLS_THEM.items() for name in names}
    found = {
        f"{path.stem}.{name}"
        for part in ("registers", "people")
        for path in (ROOT / part).glob("*.py")
        for name in writing(ast.parse(path.read_text()))
    }
    assert sorted(found - acts(play, play.now).keys() - above - NOT_ACTS.keys()) == []
    assert sorted((above | NOT_ACTS.keys()) - found) == []


def furnished(play: Play, until: datetime) -> None:
    """People with access in every state, three agencies with certificates, an office lent and a draft of the course."""
    case: dict[str, Any] = {"case_number": CASE, "now": play.now}
    with clock.stopped_at(play.now), unit_of_work():
        for part in ("officer", "records", "security"):
            alpr_access.request(getattr(play, part).person_id, **case)
        for part in ("officer", "records"):
            alpr_access.activate(getattr(play, part).person_id, vendor_user_id=part, until=until, **case)
        alpr_access.suspend(play.records.person_id or 0, reason="So.", **case)
        for number in (1, 2, 3):
            mine = {"case_number": f"SC-{number}", "now": play.now}
            agencies.add(
                name=f"Agency {number}", contact_email="kim@one.example" if number == 1 else None, now=play.now
            )
            certifications.ask(number, **TERMS, **mine)
            if number > 1:
                certifications.sign(f"SC-{number}", expires_at=until, **SIGNED, now=play.now)
        certifications.suspend(3, reason="So.", case_number="SC-3", now=play.now)
        away, back = play.deputy.person_id or 0, play.records.person_id or 0
        lending_out.name_substitute(play.deputy, away, back, since=play.now, until=until)
        course_draft.begin(play.trainer, play.now)
        statements.keep(2025, "YS-1", {}, written_by=1, now=play.now)


def stored() -> list[str]:
    """Every row of every table."""
    session().rollback()
    tables = [table for metadata in (Base.metadata, notifications.Base.metadata) for table in metadata.sorted_tables]
    return [
        f"{table.name}: {sorted(repr(tuple(row)) for row in session().execute(sa.select(table)))}" for table in tables
    ]


def writing(module: ast.Module) -> set[str]:
    """The public functions of a module that write, themselves or by another function of the same module."""
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    found = {name for name, node in functions.items() if any(map(_writes, ast.walk(node)))}
    while more := {name for name, node in functions.items() if _calls(node) & found} - found:
        found |= more
    return {name for name in found if not name.startswith("_")}


def _writes(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return True  # a column of a row
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of = ast.unparse(node.func.value)
    return (of == "session()" and node.func.attr in {"add", "delete", "merge"}) or (
        of in {"sa", "postgresql", "sqlite"} and node.func.attr in {"insert", "update", "delete"}
    )


def _calls(node: ast.AST) -> set[str]:
    return {each.func.id for each in ast.walk(node) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}
