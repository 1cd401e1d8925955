"""Decisions with which the external reviewer disagrees, and what came of it (R25)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from workflow_app.access import Actor
from workflow_app.cases import search, versions
from workflow_app.cases.case_links import CaseLink
from workflow_app.cases.disputing import KINDS
from workflow_app.cases.installation import here
from workflow_app.cases.models import Answers, Case, CaseStatus
from workflow_app.db import session

SAID, ANSWERED = "review_decision", "answer_reviewer"
"""The steps at which a process asks the reviewer about a decision, and at which it answers by itself."""


@dataclass(frozen=True)
class Disagreement:
    """The case whose decision is disputed, since when, and the case in which that is answered; maybe the same one."""

    case: Case
    at: datetime
    answered_in: Case
    answered: bool

    @property
    def state(self) -> str:
        """What came of it, in words; '' while it waits for an answer."""
        if self.answered_in.id == self.case.id:
            return "Answered" if self.answered else ""
        return (versions.outcome_of(self.answered_in) or "Called off") if self.answered else ""


def between(since: datetime, until: datetime, *, actor: Actor | None = None) -> list[Disagreement]:
    """Those of a stretch of time, the latest first; with an actor, of cases that they may see."""
    found = [*_in_another_case(since, until), *_in_the_same_case(since, until)]
    if actor is not None:
        seen = search.visible_numbers(actor, [case.number for each in found for case in (each.case, each.answered_in)])
        found = [each for each in found if {each.case.number, each.answered_in.number} <= seen]
    return sorted(found, key=lambda each: (each.at, each.case.id), reverse=True)


def _in_another_case(since: datetime, until: datetime) -> Iterator[Disagreement]:
    other = aliased(Case)
    query = sa.select(Case, CaseLink.made_at, other).select_from(CaseLink)
    query = query.join(Case, Case.id == CaseLink.from_id).join(other, other.id == CaseLink.to_id)
    made = (CaseLink.kind.in_(KINDS), CaseLink.made_at >= since, CaseLink.made_at < until)
    for case, at, answered_in in session().execute(query.where(*made)):
        yield Disagreement(case, at, answered_in, answered_in.status != CaseStatus.OPEN)


def _in_the_same_case(since: datetime, until: datetime) -> Iterator[Disagreement]:
    linked = sa.select(CaseLink.from_id).where(CaseLink.kind.in_(KINDS), CaseLink.from_id == Case.id).exists()
    said = sa.select(Case, Answers).join(Answers, Answers.case_id == Case.id)
    answering = [process.id for process in here().registry if ANSWERED in process.forms]
    said = said.where(Case.process_id.in_(answering), Answers.step == SAID, ~linked)
    said = said.where(Answers.at >= since, Answers.at < until)
    for case, given in session().execute(said):
        if given.values.get("view") == "disagree":
            later = (Answers.case_id == case.id, Answers.step == ANSWERED)
            answered = session().scalar(sa.select(Answers.id).where(*later).limit(1)) is not None
            yield Disagreement(case, given.at, case, answered)
