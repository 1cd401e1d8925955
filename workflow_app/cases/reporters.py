"""Who reported a case, where that is kept: encrypted, apart, and read only for a purpose that stands in the record.

The service itself reads the address to say, by an e-mail that names no case, that there is news.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

import notifications
from workflow_app.access import Actor, Role
from workflow_app.audit import entry
from workflow_app.cases import parties, search
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.joining import part_in
from workflow_app.cases.models import Case
from workflow_app.cases.report_table import Report, ReportIdentity, Way
from workflow_app.db import after_commit, moment, session
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.kit import Part

LABELS = {
    Way.NAMED: "A reporter from outside",
    Way.CONFIDENTIAL: "A confidential reporter",
    Way.ANONYMOUS: "An anonymous reporter",
}
"""What the case calls them; their name stands nowhere in it."""


def keep(report: Report, name: str, email: str) -> None:
    """Keep who reported."""
    plain = json.dumps({"name": name, "email": email}).encode()
    # Such a token says in clear when it was made: that is the report's hour, not the moment.
    sealed = _cipher().encrypt_at_time(plain, int(report.at.timestamp())).decode()
    session().add(ReportIdentity(report_id=report.id, sealed=sealed))


def may_read(actor: Actor, case: Case, report: Report) -> bool:
    """Whether the actor may learn who reported: for a named report whoever works on it, else one office alone.

    Of a case that is kept from those above, that is the external reviewer, whatever the process says.
    """
    if report.way == Way.ANONYMOUS or part_in(actor, case):
        return False
    return report.way == Way.NAMED or _office(case) in actor.roles


def read(actor: Actor, number: str, purpose: str) -> Mapping[str, str]:
    """Name and address of the reporter, inside a unit of work; that they were read stands in the case's record.

    Raises NotFound, NotAllowed, and Invalid for field `purpose`.
    """
    case, now = lock_case(search.visible_case(actor, number).id)
    report = of_case(case.id)
    if report is None:
        raise NotFound("Nobody is kept for this case.")
    if not may_read(actor, case, report):
        raise NotAllowed("Your office does not allow you to learn who reported this.")
    words = " ".join(purpose.split())
    if not 3 <= len(words) <= 300:
        raise Invalid({"purpose": ["Please say what for, in at most 300 characters."]})
    known = _of(report)
    if not known:
        raise NotFound("Nobody is kept for this case.")
    case.record(entry(actor, now, "reporter.identified", f"Read who reported this, for: {words}", purpose=words))
    return known


def of_case(case_id: int) -> Report | None:
    """The report that a case was opened with, if it came with a receipt code."""
    return session().scalar(sa.select(Report).where(Report.case_id == case_id))


def tell(case_id: int) -> None:
    """Say that there is news, where an address is kept, inside a unit of work. The e-mail says nothing of any case."""
    report = of_case(case_id)
    known = _of(report) if report is not None else {}
    if not known:
        return
    house = here()
    draft = notifications.Draft(
        dedupe_key=f"news:{secrets.token_hex(16)}", template="casework/reporter_news", to_address=known["email"],
        to_name=known["name"], category="news",
        params={
            "agency_name": house.profile.name, "recipient_name": known["name"],
            "follow_url": f"{house.settings.url.rstrip('/')}/tell/follow",
        },
    )  # fmt: skip
    for message in notifications.put_many(session(), now=moment(), messages=[draft]):
        after_commit(lambda reference=str(message.id): house.ring("deliver", reference))  # type: ignore[misc]


def _office(case: Case) -> Role:
    kept_out = any(each.parts & Part.KEPT_OUT for each in parties.of(case.id).values())
    return Role.EXTERNAL_REVIEWER if kept_out else here().registry[case.process_id].identity_for


def _of(report: Report) -> dict[str, str]:
    kept = session().get(ReportIdentity, report.id)
    if kept is None:
        return {}
    try:
        found: dict[str, str] = json.loads(_cipher().decrypt(kept.sealed.encode()))
    except InvalidToken:
        return {}
    return found


def _cipher() -> Fernet:
    key = hmac.new(here().settings.reporter_key.encode(), b"alpr-casework reporters", sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
