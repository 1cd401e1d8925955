"""The external reviewer disagrees with how a case was decided: a linked case opens that has to be answered, once."""

from __future__ import annotations

import sqlalchemy as sa

from workflow_app.access import SYSTEM, Action, Actor, may, require
from workflow_app.audit import entry
from workflow_app.cases import joining, search, tasks, versions
from workflow_app.cases.advance import lock_case
from workflow_app.cases.case_links import CaseLink, LinkKind
from workflow_app.cases.installation import here
from workflow_app.cases.merging import MERGED
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.cases.opening import start
from workflow_app.db import session
from workflow_app.errors import Conflict, Invalid, NotAllowed

KINDS = (LinkKind.AGAIN, LinkKind.DISPUTES)
"""How a case in which a disagreement is answered is linked to the one that was decided."""
MOST = 3000
"""Characters of the reasons."""


def is_offered(actor: Actor, case: Case) -> bool:
    """Whether the actor may disagree with the decision of this case, as far as can be said before they do."""
    return may(actor, Action.OVERSEE) and _why_not(case) == "" and not joining.part_in(actor, case)


def dispute(actor: Actor, number: str, reasons: str) -> Case:
    """Disagree with the decision of an ended case, inside a unit of work; returns the case in which it is answered.

    Raises NotAllowed for who is no external reviewer, has a part in the case or has decided it themselves, NotFound,
    Conflict where there is no decision to disagree with or that was done already, and Invalid for `reasons`.
    """
    require(actor, Action.OVERSEE)
    _case, now = lock_case(search.visible_case(actor, number).id)
    case = search.visible_case(actor, number)
    joining.refuse_part(actor, case)
    if why := _why_not(case):
        raise Conflict(why)
    if not 1 <= len(reasons.strip()) <= MOST:
        raise Invalid({"reasons": [f"Please say why you disagree, in at most {MOST:,} characters."]})
    disputed = here().registry[case.process_id].disputed
    if disputed is None:
        raise Conflict(_NOTHING)
    opens = disputed(tasks.step_in(case, "disputed", versions.facts(case)), reasons.strip())
    if opens.decided_by is not None and opens.decided_by == actor.person_id:
        raise NotAllowed("You have decided this yourself.")
    again = opens.process == case.process_id
    kind = LinkKind.AGAIN if again else LinkKind.DISPUTES
    made = start(
        SYSTEM, opens.process, title=opens.title, facts=opens.facts, values=opens.answers,
        opened_by=case.opened_by if again else None, beside=case, kind=kind,
    )  # fmt: skip
    words = f"The external reviewer disagrees with the decision: {' '.join(reasons.split())}"
    case.record(entry(actor, now, "case.disputed", words))
    return made


_NOTHING = "There is no decision in this case that you could disagree with."


def _why_not(case: Case) -> str:
    if here().registry[case.process_id].disputed is None:
        return _NOTHING
    if case.status != CaseStatus.CLOSED or case.outcome in (None, MERGED):
        return "This case is not decided. You can comment on it."
    answered = sa.select(CaseLink.id).where(CaseLink.from_id == case.id, CaseLink.kind.in_(KINDS))
    if session().scalar(answered.limit(1)) is not None:
        return "The disagreement with this decision has been recorded already. It is answered in a case of its own."
    return ""
