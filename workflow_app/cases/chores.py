"""Chores: work for the machine that a step or a person left behind, done piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from workflow_app.cases import (
    children,
    digests,
    keeping_out,
    lent,
    reladdering,
    releasing,
    relink,
    scanning,
    undelivered,
)
from workflow_app.cases.models import Chore
from workflow_app.db import session

_KINDS: Mapping[str, Callable[[Chore], bool]] = {
    "fanout": children.open_next,
    "wake": children.wake,
    "cancel": children.cancel_next,
    "address": undelivered.send_next,
    "ladder": reladdering.next_case,
    "digest": digests.send,
    "led": keeping_out.next_about,
    "lent": lent.tell,
    "release": releasing.release_next,
    "relink": relink.send_asked_for,
}

_ASKING: Mapping[str, Callable[[int], None]] = {"scan": scanning.scan_file}


def ask(chore_id: int) -> bool:
    """Do a chore that asks another service, which opens its transactions itself; False when it is one for `do`."""
    kind = session().scalar(sa.select(Chore.kind).where(Chore.id == chore_id))
    if kind is None or kind not in _ASKING:
        return False
    _ASKING[kind](chore_id)
    return True


def do(chore_id: int) -> bool:
    """Do one piece of a chore, which is locked meanwhile; True when there is more of it to do at once."""
    chore = session().get(Chore, chore_id, populate_existing=True, with_for_update=True)
    return False if chore is None else _KINDS[chore.kind](chore)
