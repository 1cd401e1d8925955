"""Who may enter where: one table. A blueprint that is not listed is closed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, abort, request

Door = Callable[[], None]


def open_to_all() -> None:
    """Anybody may enter; what they find behind it is for everybody."""


def closed() -> None:
    """Nobody enters: the blueprint was not listed."""
    abort(404)


DOORS: dict[str | None, Door] = {
    "health": open_to_all,
    "hooks": open_to_all,  # the signature is the key
}


def register(app: Flask) -> None:
    """Stand at every door."""

    @app.before_request
    def _stand_at_the_door() -> None:
        if request.endpoint == "static" or request.endpoint is None:
            return
        DOORS.get(request.blueprint, closed)()
