"""Pages on which nobody is known: what a browser says about its owner is dropped before anybody can look at it.

The address of the network alone is left, to count requests within a minute; no row and no log line gets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

PLACE = "/tell"
"""Below this path the public report and what follows on it; the access log leaves it out, too."""

_SAYS_WHO = frozenset({
    "HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_AUTHORIZATION", "HTTP_ACCEPT_LANGUAGE", "HTTP_FROM",
    "HTTP_DNT", "HTTP_X_REQUEST_ID", "HTTP_X_CORRELATION_ID", "REMOTE_PORT", "REMOTE_USER",
})  # fmt: skip
_HINTS = "HTTP_SEC_CH_"
"""What Chromium says of itself and its machine."""


def is_nameless(path: str) -> bool:
    """Whether nobody is known at this path."""
    return path == PLACE or path.startswith(f"{PLACE}/")


def register(app: Flask) -> None:
    """Drop it before the application sees the request: no session is read there, whoever is signed in beside it."""
    inner: Callable[..., Iterable[bytes]] = app.wsgi_app

    def nameless(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if is_nameless(environ.get("PATH_INFO", "")):
            environ = {
                name: value for name, value in environ.items() if name not in _SAYS_WHO and not name.startswith(_HINTS)
            }
        return inner(environ, start_response)

    app.wsgi_app = nameless  # type: ignore[method-assign]  # the documented way to add middleware
