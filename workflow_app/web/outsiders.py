"""What the staff see of links sent to outsiders: to whom, until when, and what became of them; never the link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from notifications import State
from workflow_app.access import Action, Actor, may
from workflow_app.cases import links, tasks
from workflow_app.cases.dossier import Dossier
from workflow_app.cases.models import Link, TaskStatus
from workflow_app.web import staff

_DELIVERY = {
    State.PENDING: "e-mail waits to be sent", State.SENDING: "e-mail is being sent",
    State.IN_DOUBT: "e-mail may not have arrived yet", State.ACCEPTED: "e-mail sent",
    State.DELIVERED: "e-mail delivered", State.DROPPED: "e-mail was not sent: the provider dropped it",
    State.BOUNCED: "e-mail came back: the address does not work", State.COMPLAINED: "marked as unwanted",
    State.REFUSED: "e-mail was refused", State.DEAD: "e-mail could not be sent",
    State.HELD: "e-mail waits: its address does not work and is being put right",
    State.RECALLED: "e-mail did not arrive and was not sent again",
}  # fmt: skip
_FAILED = {State.DROPPED, State.BOUNCED, State.REFUSED, State.DEAD, State.COMPLAINED, State.HELD}


def shown(actor: Actor, dossier: Dossier, now: datetime) -> list[dict[str, Any]]:
    """The links of a case, the latest first."""
    by_id = {task.id: task for task in dossier.tasks}
    items = []
    for link in reversed(dossier.links):
        task = by_id[link.task_id]
        state = dossier.delivery.get(link.id)
        waiting = link.used_at is None and task.status == TaskStatus.OPEN
        may_send = waiting and may(actor, Action.REVOKE_LINK)
        now_named = tasks.addressee(dossier.case, task) if may_send else None
        items.append({
            "id": link.id,
            "task": task.name,
            "to": links.addressed(link),
            "email": link.email,
            "badge": _standing(link, waiting, now),
            "detail": _DELIVERY.get(state, "") if state and waiting else "",
            "failed": waiting and state in _FAILED,
            "sent": staff.words(link.made_at),
            "may_send": may_send,
            "send_to": now_named.email if now_named else link.email,
        })  # fmt: skip
    return items


def _standing(link: Link, waiting: bool, now: datetime) -> dict[str, str]:
    if link.used_at is not None:
        return {"text": f"Answered {staff.day(link.used_at)}", "level": "done"}
    if not waiting or link.revoked_at is not None:
        return {"text": "No longer needed", "level": "plain"}
    if link.frozen_at is not None:
        return {"text": f"Stopped after wrong codes, {staff.day(link.frozen_at)}", "level": "overdue"}
    if link.expires_at <= now:
        return {"text": f"Expired {staff.day(link.expires_at)}", "level": "overdue"}
    return {"text": f"Open until {staff.day(link.expires_at)}", "level": "soon"}
