"""News for whoever reported by the short form: an e-mail that there is some, and nothing of what."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

import notifications
from notifications import DISCREET, Draft
from workflow_app.cases import case_links, identities
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case
from workflow_app.cases.report_table import Report, ReportIdentity
from workflow_app.db import after_commit, session
from workflow_app.people import recipient_of


def tell(case: Case, report: Report, now: datetime) -> None:
    """Tell one reporter, where an address is known, inside a unit of work."""
    if known := identities.known(report):
        _send(known, now, category=DISCREET)
    elif someone := recipient_of(case.opened_by):
        _send({"name": someone.name, "email": someone.email}, now, category="news")


def tell_of_the_end(case: Case, now: datetime) -> None:
    """Tell those who are known by nothing but an address: of this report, and of those merged into it.

    Whoever has an account hears how it ended, from the process.
    """
    ids = [case.id, *case_links.merged_into(case.id)]
    query = sa.select(Report).join(ReportIdentity, ReportIdentity.report_id == Report.id)
    for report in session().scalars(query.where(Report.case_id.in_(ids))).all():
        _send(identities.known(report), now, category=DISCREET)


def _send(known: Mapping[str, str], now: datetime, *, category: str) -> None:
    if not known:
        return
    house = here()
    params = {
        "agency_name": house.profile.name, "recipient_name": known["name"],
        "follow_url": f"{house.settings.url.rstrip('/')}/tell/follow",
    }  # fmt: skip
    draft = Draft(
        dedupe_key=f"news:{secrets.token_hex(16)}", template="casework/reporter_news", to_address=known["email"],
        to_name=known["name"], category=category, params=params,
    )  # fmt: skip
    for message in notifications.put_many(session(), now=now, messages=[draft]):
        after_commit(lambda reference=str(message.id): house.ring("deliver", reference))  # type: ignore[misc]
