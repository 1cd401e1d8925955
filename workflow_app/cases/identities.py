"""Who reported a case, as it is kept: encrypted, apart from the report, and opened by nobody but `reporters`.

The service itself opens it to write that there is news, and to keep people away from what they reported themselves.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken

from workflow_app.cases.installation import here
from workflow_app.cases.report_table import Report, ReportIdentity
from workflow_app.db import session
from workflow_app.people import Person


def keep(report: Report, name: str, email: str) -> None:
    """Keep who reported."""
    plain = json.dumps({"name": name, "email": email}).encode()
    # Such a token says in clear when it was made: that is the report's hour, not the moment.
    sealed = _cipher().encrypt_at_time(plain, int(report.at.timestamp())).decode()
    session().add(ReportIdentity(report_id=report.id, sealed=sealed))


def known(report: Report) -> Mapping[str, str]:
    """Name and e-mail address; nothing where none are kept, or the key is another one now."""
    return _opened(session().get(ReportIdentity, report.id))


def is_reporter(person_id: int, case_id: int) -> bool:
    """Whether a case was reported, in confidence or from outside, from this person's address."""
    query = sa.select(ReportIdentity).join(Report, Report.id == ReportIdentity.report_id)
    email = _opened(session().scalar(query.where(Report.case_id == case_id))).get("email", "")
    return bool(email) and email.lower() == session().get_one(Person, person_id).email.lower()


def _opened(kept: ReportIdentity | None) -> dict[str, str]:
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
