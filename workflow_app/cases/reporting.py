"""Reports that come with a receipt code: filing one, and writing to and fro by that code, without an account.

What comes by the public form is written down as of the hour (`by_the_hour`): a moment could be compared with a log of
another machine. Its e-mails wait until the hour is over, for the same reason.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from notifications import OutboxMessage
from notifications.dialect import insert_or_ignore
from workflow_app import clock
from workflow_app.access import Action, Actor, Role, Via, require
from workflow_app.audit import entry
from workflow_app.cases import answers, files, parties, reporters, search
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.joining import refuse_part
from workflow_app.cases.models import Case
from workflow_app.cases.opening import open_case
from workflow_app.cases.report_table import Report, ReportMessage, Way
from workflow_app.db import moment, session
from workflow_app.errors import Invalid, NotFound
from workflow_app.kit import Form, long_text
from workflow_app.kit import files as files_field
from workflow_app.people import conflicts

AN_HOUR = timedelta(hours=1)
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_STEP = "reporter"


class Reply(Form):
    """What a reporter adds to their report."""

    text = long_text("Your message", "Plates and names of private persons are better left out.", required=False)
    attachments = files_field("Files", "They are encrypted. A PDF may still say who wrote it.")


def by_the_hour() -> AbstractContextManager[None]:
    """Inside, the clock stands at the beginning of the hour: every row that is written says so."""
    return clock.stopped_at(moment().replace(minute=0, second=0, microsecond=0))


def sender(key: str, way: Way = Way.ANONYMOUS) -> Actor:
    """Whoever sends the form with this key: somebody without an account, known by nothing else."""
    return Actor(
        label=reporters.LABELS[way], via=Via.RECEIPT, link_id=_derived("id", key)[:26], roles=frozenset({Role.STAFF})
    )


def code_of(key: str) -> str:
    """The receipt code of the form with this key: 20 characters in groups. It is computed, and stored nowhere."""
    mac = _mac("code", key)
    plain = "".join(_ALPHABET[byte % 32] for byte in mac[:20])
    return "-".join(plain[start : start + 4] for start in range(0, 20, 4))


def file(
    actor: Actor, key: str, process_id: str, raw: Mapping[str, Any], *, way: Way, who: tuple[str, str] | None = None,
    chain: bool = False,
) -> tuple[Case, bool]:  # fmt: skip
    """Open the case of a report, inside a unit of work; True if it was not there before.

    The same form sent again is the same report, whatever it says. `who` is name and address, where they are to be
    kept; `chain`: those who lead the reporter are kept out. Raises Invalid.
    """
    now = moment()
    row = {"id": _derived("id", key)[:26], "code": hidden(code_of(key)), "way": way, "at": now}
    claimed = insert_or_ignore(session(), Report, "id").values(row).returning(Report.id)
    first = session().scalar(claimed) is not None
    report = session().get_one(Report, row["id"], populate_existing=True)
    if not first:
        return session().get_one(Case, report.case_id), False
    case = open_case(actor, process_id, raw)
    report.case_id = case.id
    if chain and actor.person_id is not None:
        parties.join(case, here().registry[process_id], conflicts.above(actor.person_id))
    if who is not None:
        reporters.keep(report, *who)
    session().flush()
    if actor.via is Via.RECEIPT:
        _wait_for_the_hour(case, now)
    return case, True


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

    Raises Invalid.
    """
    actor = sender(key, report.way)
    case, now = lock_case(report.case_id or 0)
    earlier = session().get(ReportMessage, actor.link_id)
    if earlier is not None:
        return earlier
    house = here()
    given = answers.accept(Reply, raw, zone=house.profile.zone, plate_key=house.settings.plate_key).values
    if not given["text"] and not given["attachments"]:
        raise Invalid({"text": ["Please write something, or choose a file."]})
    files.bind(actor, Reply, given, case, _STEP, now)
    return _put(case, report, actor, now, given["text"] or "", given["attachments"], from_reporter=True)


def write(actor: Actor, number: str, text: str) -> ReportMessage:
    """Write to the reporter of a case, inside a unit of work; what they wrote is read by then. Raises as `of`."""
    case, report, now = _locked(actor, number)
    words = answers.accept(Reply, {"text": text}, zone=here().profile.zone, plate_key="").values["text"]
    if not words:
        raise Invalid({"text": ["Please write something."]})
    _mark_read(report)
    made = _put(case, report, actor, now, words, (), from_reporter=False)
    reporters.tell(case.id)
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
    """What the case sends at once leaves when the hour is over, with many others."""
    mine = (OutboxMessage.case_id == case.id, OutboxMessage.next_at <= now)
    session().execute(sa.update(OutboxMessage).where(*mine).values(next_at=now + AN_HOUR))


def _derived(what: str, key: str) -> str:
    return base64.b32encode(_mac(what, key)).decode().rstrip("=").lower()


def _mac(what: str, text: str) -> bytes:
    key = b"alpr-casework report " + what.encode() + b"\0" + here().settings.reporter_key.encode()
    return hmac.new(key, text.encode(), sha256).digest()
