"""Chores: work for the machine that a step or a person left behind, done piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workflow_app.cases import children, digests, reladdering, releasing, relink, undelivered
from workflow_app.cases.models import Chore
from workflow_app.db import session

_KINDS: Mapping[str, Callable[[Chore], bool]] = {
    "fanout": children.open_next,
    "wake": children.wake,
    "cancel": children.cancel_next,
    "address": undelivered.send_next,
    "ladder": reladdering.next_case,
    "digest": digests.send,
    "release": releasing.release_next,
    "relink": relink.send_asked_for,
}


def do(chore_id: int) -> bool:
    """Do one piece of a chore, which is locked meanwhile; True when there is more of it to do at once."""
    chore = session().get(Chore, chore_id, populate_existing=True, with_for_update=True)
    return False if chore is None else _KINDS[chore.kind](chore)
