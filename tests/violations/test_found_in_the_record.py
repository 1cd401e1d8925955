"""What the weekly review of the record has found about somebody is hidden from whom a case about them is hidden."""

from __future__ import annotations

import sqlalchemy as sa

from workflow_app import audit, clock
from workflow_app.access import SYSTEM, Actor
from workflow_app.cases import search
from workflow_app.cases.models import Case
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play


def see(who: Actor) -> set[str]:
    return set(session().scalars(sa.select(Case.number).where(search.visible_to(who))))


def test_neither_subject_nor_who_stands_too_close_sees_the_review_or_the_case_it_opened(play: Play) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        audit.append_to("register:x", [audit.entry(SYSTEM, play.now, "x.y", "Something")])
    case = play.days(7).latest("audit_review")
    assert case.case.number in see(play.administrator) & see(play.chief)
    case.at(
        "review_instead", by=play.security, outcome="violation", violation_class="V21", findings="Exports at night.",
        person=str(play.administrator.person_id), signed=True,
    )  # fmt: skip
    both = {case.case.number, case.linked()[0].case.number}
    for kept_out in (play.administrator, play.chief):
        assert not both & see(kept_out)
    assert both <= see(play.reviewer)
    assert case.linked()[0].case.hides
    told = {"administrator@riverton.example", "chief@riverton.example"}
    assert not [mail for mail in play.postbox.mails if mail.to_address in told and mail.subject.startswith("VR-")]
