"""Requests that another site made a browser send are refused: by their origin, and by a token in each form."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from workflow_app.errors import NotAllowed
from workflow_app.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

OWN_GUARD = frozenset({"api", "api-docs", "hooks", "links", "health", "tell"})
"""Blueprints that use no session: a bearer token, a signature or the link's own token stands guard there."""

COMES_BACK = frozenset({
    "report.open_case", "report.tell", "reporter.write", "tasks.complete", "tasks.save_draft", "registers.add_share",
    "registers.add_agency", "registers.add_subscription", "registers.change_contact", "registers.change_vendor",
    "registers.set_owner", "registers.subscribe",
})  # fmt: skip
"""Forms that are shown again, filled in, when their token belongs to an earlier session.

These act only after a look at `has_expired`; every other form is refused before it is read.
"""

csrf = CSRFProtect()


class FromElsewhere(NotAllowed):
    """This request came from another site. Nothing was changed."""


def register(app: Flask, settings: Settings) -> None:
    """Check every request that could change something, before anybody looks at it."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # checked below, where the blueprint's own guard is known
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a long report must not end in an error
        WTF_CSRF_SSL_STRICT=False,  # the Origin check does this, and does not depend on the Referer
    )
    csrf.init_app(app)
    own = _origin(settings.url)

    @app.before_request
    def _refuse_forgery() -> None:
        if request.method in SAFE or request.blueprint in OWN_GUARD or request.endpoint is None:
            return
        if not is_from_here(own):
            raise FromElsewhere
        try:
            csrf.protect()
        except CSRFError:
            if request.endpoint not in COMES_BACK:
                raise
            g.form_has_expired = True


def has_expired() -> bool:
    """Whether the form's token is not one of this session; nothing may then be done with what was sent."""
    return bool(g.get("form_has_expired"))


def is_from_here(own: str) -> bool:
    """Whether the browser says that this request comes from one of our own pages; old browsers say nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin in {own, _origin(request.host_url)}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
