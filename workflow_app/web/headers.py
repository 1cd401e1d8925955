"""What every answer carries: a strict content policy, no guessing of types, no caching of what is not public."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from workflow_app.settings import Settings

PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""The content policy of pages: our own style sheets and one script, nothing inline, never in a frame."""

FILES = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""The content policy of what people have uploaded: inert, whatever it is."""

PUBLIC = frozenset({"notices", "statements"})
"""Blueprints for everybody that are made for caches."""

_ALWAYS = {
    "Content-Security-Policy": PAGES,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_TWO_YEARS = "max-age=63072000; includeSubDomains"


def register(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer; where a view has set one itself, the view's stays."""
    if settings.proxies > 0:
        count = settings.proxies
        proxied = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # the documented way to add middleware
    https = settings.url.startswith("https://")

    @app.after_request
    def _carry(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", _TWO_YEARS)
        if request.endpoint != "static" and request.blueprint not in PUBLIC:
            response.headers["Cache-Control"] = "no-store"
        return response
