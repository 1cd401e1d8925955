"""Who calls: the person whose token it is, with that person's roles and no more.

Only a token opens this door. A session's cookie does not, so a page elsewhere can make nobody's browser act here,
and no CSRF token is needed.
"""

from __future__ import annotations

from flask import g, request

from workflow_app.access import Actor, Via
from workflow_app.db import moment
from workflow_app.errors import DomainError
from workflow_app.people import actor_for, person_of_token
from workflow_app.web.place import place


class NoToken(DomainError):
    """Please send a valid API token: Authorization: Bearer, followed by the token."""

    status = 401


def token_holder() -> None:
    """The door: a valid token, or NoToken."""
    given = request.authorization
    token = given.token if given is not None and given.type == "bearer" else None
    someone = person_of_token(token, moment()) if token else None
    if someone is None:
        raise NoToken
    g.api_actor = actor_for(someone, Via.TOKEN, place())


def caller() -> Actor:
    """The actor whom the door let in."""
    actor: Actor = g.api_actor
    return actor
