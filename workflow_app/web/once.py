"""A form of the staff that is sent twice has one effect and one answer, by the key that came with the page.

The key says when its page was made. Once answers are forgotten, after a day, nobody could tell whether such a form
was sent before; it is then shown again instead, with all that was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from flask import request

from workflow_app import clock
from workflow_app.access import Actor
from workflow_app.cases import replay
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import DomainError, Invalid, Stale, Stuck
from workflow_app.web import forgery
from workflow_app.web.problems import call_somebody

KEY = "idempotency_key"
"""The hidden field that every form of ours carries which is not harmless to send twice."""
NOT_ANSWERS = frozenset({"csrf_token", "version", KEY, "your_password"})
"""Fields that say how something was sent, not what."""

_SHAPE = re.compile(r"([0-9]{1,11})-[0-9a-f]{24}", re.ASCII)


class Outdated(Stale):
    """This form is more than a day old. Please look whether it was recorded before; if not, send it again."""


class SentBefore(Invalid):
    """You have sent this form before, and that is on record. What you see now is not: send it only if you mean both."""


class SignedInAnew(DomainError):
    """This form had expired, because you have signed in anew. Nothing was recorded: please send it again."""


def fresh_key() -> str:
    """The key for a page that is shown for the first time."""
    return f"{int(clock.now().timestamp())}-{token_hex(12)}"


def is_key(key: str) -> bool:
    """Whether this is a key as pages of ours carry it."""
    return bool(_SHAPE.fullmatch(key))


def key_after(key: str, error: DomainError | None) -> str:
    """The key for a form that is shown again: its own, unless it is the key that was refused."""
    return fresh_key() if not key or isinstance(error, Outdated | SentBefore) else key


def once(
    actor: Actor,
    act: Callable[[], str],
    content: Mapping[str, Any] | None = None,
    *,
    part: str = "",
    stands: Callable[[str], bool] | None = None,
) -> str:
    """Do what the form at this address asks for, in one transaction; the same form sent again gets the same result.

    `content` is what was sent, where the fields of the form do not say it all; `part` tells apart several acts of
    one form. With `stands`, the same content from a page that was opened anew, as browsers do on going back, is the
    same form too, as long as what it came to still stands. Raises what the act raises, and Outdated, SentBefore (with
    other content) or SignedInAnew, after which the form is to be shown again.
    """
    if forgery.has_expired():
        raise SignedInAnew
    key = request.form.get(KEY, "")
    if not is_key(key):
        raise Outdated
    sent = content if content is not None else typed()
    try:
        with unit_of_work():
            now = moment()
            try:
                earlier = replay.begin(actor, key + part, request.path, sent, now)
            except replay.Used as used:
                raise SentBefore from used
            if earlier is not None:
                return earlier
            if now - _made_at(key) >= replay.KEPT:
                raise Outdated
            same = filter(stands, replay.alike(actor, request.path, sent, now)) if stands is not None else iter(())
            result = next(same, None) or act()
            replay.finish(actor, key + part, result)
            return result
    except Stuck as stuck:
        call_somebody(stuck)
        raise


def typed() -> dict[str, Any]:
    """The fields of the form as they were sent."""
    return {name: request.form.getlist(name) for name in request.form if name not in NOT_ANSWERS}


def _made_at(key: str) -> datetime:
    return datetime.fromtimestamp(int(key.partition("-")[0]), UTC)
