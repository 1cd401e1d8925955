"""Sending the code of a link and trying one, each under the lock of the link's case."""

from __future__ import annotations

from werkzeug.wrappers import Response

from workflow_app.cases import limits, link_codes
from workflow_app.cases.advance import lock_case
from workflow_app.cases.link_codes import Said
from workflow_app.cases.link_standing import genuine, standing
from workflow_app.cases.models import Link
from workflow_app.db import moment, unit_of_work
from workflow_app.web import code_pages
from workflow_app.web import link_pages as pages
from workflow_app.web.link_refusals import refused
from workflow_app.web.place import caller


def send(token: str) -> Link | Response:
    """The link for which a code is on its way, or the answer where none may be sent."""
    link = genuine(token)
    if link is None:
        return refused(token)
    with unit_of_work():
        case, now = lock_case(link.case_id)
        link = genuine(token)
        if opens := link is not None and standing(link, now).opens:
            seconds = link_codes.send(case, link, now)
    if link is None or not opens:
        return refused(token)
    return code_pages.too_many_codes(link, token, seconds) if seconds else link


def check(token: str, typed: str, *, spend: bool) -> Said | Response:
    """What a typed code is, counted if it is wrong; or the answer where none may be tried."""
    if seconds := limits.wait(limits.WRONG_CODES, caller(), moment()):
        return pages.too_many(seconds)
    link = genuine(token)
    if link is None:
        return refused(token)
    with unit_of_work():
        case, now = lock_case(link.case_id)
        link = genuine(token)
        if opens := link is not None and standing(link, now).opens:
            said = link_codes.check(case, link, typed, now)
            if said is Said.WRONG:
                limits.count(limits.WRONG_CODES, caller(), now)
            elif spend and said is Said.RIGHT:
                link_codes.spend(link)
            opens = link.frozen_at is None
    return said if opens else refused(token)
