"""Reports that come with a receipt code: filing one, and writing to and fro by that code, without an account.

What comes by the public form is written down as of the hour (`by_the_hour`): a moment could be compared with a log of
another machine. What it leads to, e-mails above all, waits until the hour is over, for the same reason.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from notifications import OutboxMessage, State
from notifications.dialect import insert_or_ignore
from workflow_app import clock
from workflow_app.access import Action, Actor, Role, Via, may, require
from workflow_app.audit import entry
from workflow_app.cases import answers, files, identities, news, reporters, search
from workflow_app.cases.advance import lock_case
from workflow_app.cases.files import Attachment
from workflow_app.cases.installation import here
from workflow_app.cases.joining import part_in, refuse_part
from workflow_app.cases.models import Case, Chore
from workflow_app.cases.opening import open_case
from workflow_app.cases.report_table import Report, ReportMessage, Way
from workflow_app.db import moment, session, without_bells
from workflow_app.errors import Conflict, Invalid, NotFound
from workflow_app.kit import Form, Part, long_text
from workflow_app.kit import files as files_field
from workflow_app.people import by_email, conflicts

AN_HOUR = timedelta(hours=1)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_STEP = "reporter"


class AlreadySent(Conflict):
    """You have sent this form before, and that is on record. What you see now is not: send it only if you mean both."""


class Reply(Form):
    """What a reporter adds to their report."""

    text = long_text("Your message", "Plates and names of private persons are better left out.", required=False)
    attachments = files_field(
        "Files", "Their names are not kept, and they are encrypted. A PDF may still say who wrote it."
    )


@contextmanager
def by_the_hour() -> Iterator[None]:
    """Inside, the clock stands at the beginning of the hour, so that every row says so, and no worker is woken."""
    with clock.stopped_at(moment().replace(minute=0, second=0, microsecond=0)), without_bells():
        yield


def sender(key: str, way: Way = Way.ANONYMOUS) -> Actor:
    """Whoever sends the form with this key: somebody without an account, known by nothing else."""
    return Actor(
        label=reporters.LABELS[way], via=Via.RECEIPT, link_id=_derived("id", key)[:26], roles=frozenset({Role.STAFF})
    )


def code_of(actor: Actor, key: str) -> str:
    """The receipt code of the form with this key, sent by this actor: 20 characters in groups.

    It is computed, and stored nowhere.
    """
    mac = _mac("code", f"{actor.key} {key}")
    plain = "".join(_ALPHABET[byte % 32] for byte in mac[:20])
    return "-".join(plain[start : start + 4] for start in range(0, 20, 4))


def file(
    actor: Actor, key: str, process_id: str, raw: Mapping[str, Any], *, way: Way, who: tuple[str, str] | None = None
) -> Case:
    """Open the case of a report, inside a unit of work; the same form sent again by the same actor is the same case.

    `who` is name and address, where they are to be kept. Raises Invalid, and AlreadySent where the form says something
    else than when it was sent before.
    """
    now = moment()
    row_id = _derived("id", f"{actor.key} {key}")[:26]
    row = {"id": row_id, "code": hidden(code_of(actor, key)), "way": way, "at": now}
    claimed = insert_or_ignore(session(), Report).values(row).returning(Report.id)
    first = session().scalar(claimed) is not None
    report = session().get_one(Report, row_id, populate_existing=True)
    if not first:
        return _as_before(session().get_one(Case, report.case_id), process_id, raw)
    case = open_case(actor, process_id, raw, concerns=_leaders(raw, who))
    report.case_id = case.id
    if who is not None:
        identities.keep(report, *who)
    session().flush()
    if actor.via is Via.RECEIPT:
        _wait_for_the_hour(case, now)
    return case


def _as_before(case: Case, process_id: str, raw: Mapping[str, Any]) -> Case:
    known = answers.latest(case.id, "start")
    if case.process_id != process_id or any(known.get(name) != raw.get(name) for name in ("what_happened", "harm")):
        raise AlreadySent
    return case


def _leaders(raw: Mapping[str, Any], who: tuple[str, str] | None) -> Mapping[int, Part]:
    """Who leads somebody without an account here who is one of the staff, by the address they have given."""
    if who is None or not raw.get("chain"):
        return {}
    try:
        return conflicts.above(by_email(who[1]).id)
    except NotFound:
        return {}


def find(code: str) -> Report | None:
    """The report with this receipt code, however it was typed."""
    plain = "".join(each for each in code.upper() if each in _ALPHABET)[:40]
    written = "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))
    return session().scalar(sa.select(Report).where(Report.code == hidden(written), Report.case_id.is_not(None)))


def hidden(code: str) -> str:
    """The keyed hash by which a receipt code is known."""
    return _mac("receipt", code).hex()


def reply(report: Report, key: str, raw: Mapping[str, Any]) -> ReportMessage:
    """The reporter writes or adds files, inside a unit of work; the same form sent again adds nothing.

    A case that has ended takes it too. Raises Invalid, and AlreadySent for a form that was sent with other words.
    """
    actor = sender(key, report.way)
    case, now = lock_case(report.case_id or 0)
    house = here()
    given = answers.accept(Reply, raw, zone=house.profile.zone, plate_key=house.settings.plate_key).values
    said, sent = given["text"] or "", given["attachments"] or ()
    earlier = session().get(ReportMessage, actor.link_id)
    if earlier is not None:
        if (earlier.report_id, earlier.text, len(earlier.files)) != (report.id, said, len(sent)):
            raise AlreadySent
        return earlier
    if not said and not sent:
        raise Invalid({"text": ["Please write something, or choose a file."]})
    files.bind(actor, Reply, given, case, _STEP, now)
    is_news = not unread(report)
    made = _put(case, report, actor, now, said, sent, from_reporter=True)
    if is_news:
        reporters.call(case, report, made.seq, now)
    _wait_for_the_hour(case, now)
    return made


def write(actor: Actor, number: str, text: str) -> ReportMessage:
    """Write to the reporter of a case, inside a unit of work; what they wrote is read by then. Raises as `of`."""
    case, report, now = _locked(actor, number)
    words = answers.accept(Reply, {"text": text}, zone=here().profile.zone, plate_key="").values["text"]
    if not words:
        raise Invalid({"text": ["Please write something."]})
    _mark_read(report)
    made = _put(case, report, actor, now, words, (), from_reporter=False)
    news.tell(case, report, now)
    return made


def mark_read(actor: Actor, number: str) -> None:
    """What the reporter wrote has been read; inside a unit of work. Raises as `of`."""
    case, report, now = _locked(actor, number)
    if unread(report):
        _mark_read(report)
        case.record(entry(actor, now, "reporter.read", "Messages of the reporter read"))


def of(actor: Actor, number: str) -> tuple[Case, Report]:
    """A case and its report, for somebody who may write to the reporter. Raises NotFound and NotAllowed."""
    case = search.visible_case(actor, number)
    require(actor, Action.WRITE_TO_REPORTER)
    refuse_part(actor, case)
    report = reporters.of_case(case.id)
    if report is None:
        raise NotFound("This case did not come with a receipt code.")
    return case, report


@dataclass(frozen=True)
class Glance:
    """That a case came with a receipt code: by which way, unless from one of the staff, and what waits to be read."""

    way: Way | None
    may_write: bool
    unread: int


def glance(actor: Actor, case: Case) -> Glance | None:
    """What somebody who sees a case sees of its reporter; None where nobody has a code, or the actor has it."""
    report = reporters.of_case(case.id)
    if report is None or (case.opened_by is not None and case.opened_by == actor.person_id):
        return None
    writes = may(actor, Action.WRITE_TO_REPORTER) and not part_in(actor, case)
    return Glance(None if case.opened_by is not None else report.way, writes, unread(report) if writes else 0)


def messages(report: Report) -> Sequence[ReportMessage]:
    """What was written to and fro, oldest first."""
    query = sa.select(ReportMessage).where(ReportMessage.report_id == report.id)
    return session().scalars(query.order_by(ReportMessage.seq)).all()


def unread(report: Report) -> int:
    """How many messages of the reporter nobody has read."""
    mine = (ReportMessage.report_id == report.id, ReportMessage.by_label == "", ~ReportMessage.read)
    return session().scalar(sa.select(sa.func.count()).where(*mine)) or 0


def _locked(actor: Actor, number: str) -> tuple[Case, Report, datetime]:
    case, _report = of(actor, number)
    lock_case(case.id)
    return *of(actor, number), moment()


def _mark_read(report: Report) -> None:
    mine = (ReportMessage.report_id == report.id, ReportMessage.by_label == "")
    session().execute(sa.update(ReportMessage).where(*mine).values(read=True))


def _put(
    case: Case, report: Report, actor: Actor, now: datetime, text: str, sent: Sequence[str], *, from_reporter: bool
) -> ReportMessage:  # fmt: skip
    of_report = sa.select(sa.func.count()).where(ReportMessage.report_id == report.id)
    seq = (session().scalar(of_report) or 0) + 1
    made = ReportMessage(
        id=actor.link_id if from_reporter else _derived("message", f"{report.id} {seq}")[:26], report_id=report.id,
        seq=seq, at=now, by_label="" if from_reporter else actor.label, text=text, files=list(sent),
    )  # fmt: skip
    session().add(made)
    session().flush()
    words = "A message from the reporter" if from_reporter else "A message to the reporter"
    kind = "reporter.wrote" if from_reporter else "reporter.asked"
    case.record(entry(actor, now, kind, words, step=_STEP, message=seq, sha256=sha256(text.encode()).hexdigest()))
    return made


def _wait_for_the_hour(case: Case, now: datetime) -> None:
    """What the case sends or has done at once leaves and is done when the hour is over."""
    later = now + AN_HOUR
    sent = (OutboxMessage.case_id == case.id, OutboxMessage.next_at == now, OutboxMessage.state == State.PENDING)
    session().execute(sa.update(OutboxMessage).where(*sent).values(next_at=later))
    scans = sa.and_(Chore.kind == "scan", Chore.step.in_(sa.select(Attachment.id).where(Attachment.case_id == case.id)))
    wanted = (sa.or_(Chore.case_id == case.id, scans), Chore.wake_at == now)
    session().execute(sa.update(Chore).where(*wanted).values(wake_at=later))


def _derived(what: str, key: str) -> str:
    return base64.b32encode(_mac(what, key)).decode().rstrip("=").lower()


def _mac(what: str, text: str) -> bytes:
    key = b"alpr-casework report " + what.encode() + b"\0" + here().settings.reporter_key.encode()
    return hmac.new(key, text.encode(), sha256).digest()
