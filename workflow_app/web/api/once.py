"""Idempotency: what a program sends twice under one key has one effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from workflow_app.access import Actor
from workflow_app.cases import replay
from workflow_app.db import moment, unit_of_work


def once(actor: Actor, what: str, sent: Mapping[str, Any], act: Callable[[], str]) -> str:
    """Do `act` in one transaction and return its result; sent again under its Idempotency-Key, the result alone.

    `what` names the act and `sent` is its content: the same key for anything else raises Invalid.
    """
    key = request.headers.get("Idempotency-Key")
    with unit_of_work():
        if key is None:
            return act()
        earlier = replay.begin(actor, key, what, sent, moment())
        if earlier is not None:
            return earlier
        result = act()
        replay.finish(actor, key, result)
        return result
