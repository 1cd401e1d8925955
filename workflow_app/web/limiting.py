"""How many requests a minute somebody may make, so that no flood keeps others from being served.

Counted are requests, good or not, in Redis for all web processes together; without Redis, or while it is away, in the
memory of each. What must be exact stands in the database instead: wrong passwords, links and codes (`cases/limits.py`,
`cases/guarding.py`). Nobody's address or token is kept: who is counted is a keyed hash, and only for a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask import Flask, Response, make_response, request, session
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded

from workflow_app.settings import Settings
from workflow_app.web import problems
from workflow_app.web.doors import DOORS, open_to_all
from workflow_app.web.place import place

WINDOW = 60
"""Seconds in which requests are counted; then the counting begins anew."""

SIGNING_IN = frozenset({
    "security.login", "security.forgot_password", "security.reset_password", "second_step.check",
})  # fmt: skip
"""Forms that take a password, a code or an address, before anybody is signed in."""
EXPORTS = frozenset({"record.export", "registers.export_access", "registers.export_shares"})
"""Pages that write out a whole register."""
_UNCOUNTED = frozenset({"health", "hooks", "links"})
"""Open to all, and not counted as public pages: probes, signed reports of the provider, and links, counted below."""


def _by_token() -> str:
    """The token that a program sends, real or not; without one its address."""
    given = request.headers.get("Authorization", "")
    return sha256(given.encode()).hexdigest()[:32] if given else place()


def _by_person() -> str:
    """Who is signed in, as the signed cookie says; without one the address."""
    return sha256(str(session.get("_user_id", place())).encode()).hexdigest()[:32]


def _is_public() -> bool:
    return DOORS.get(request.blueprint) is open_to_all and request.blueprint not in _UNCOUNTED


def _opens_a_link() -> bool:
    return request.blueprint == "links" or (request.endpoint == "security.reset_password" and request.method == "GET")


@dataclass(frozen=True)
class Bucket:
    """So many requests in a minute for each of `whose`, of those for which `counts` is true."""

    name: str
    most: int
    whose: Callable[[], str]
    counts: Callable[[], bool]


def _everybody() -> str:
    return "everybody"


BUCKETS = (
    Bucket("receipt-codes", 10, place, lambda: request.endpoint == "tell.follow" and request.method == "POST"),
    Bucket("reports", 20, place, lambda: request.endpoint == "tell.send"),
    Bucket("all reports", 200, _everybody, lambda: request.endpoint == "tell.send"),
    Bucket("sign-in", 120, place, lambda: request.method == "POST" and request.endpoint in SIGNING_IN),
    Bucket("public", 300, place, _is_public),
    Bucket("links", 3_000, place, _opens_a_link),
    Bucket("token", 3_000, _by_token, lambda: request.blueprint == "api"),
    Bucket("programs", 6_000, place, lambda: request.blueprint == "api"),
    Bucket("exports", 20, _by_person, lambda: request.endpoint in EXPORTS),
)
"""An agency, and whole departments of partners, may come from one address: only a flood meets these bounds."""


def register(app: Flask, settings: Settings) -> None:
    """Count requests before anything else is done for them; too many are answered with 429."""
    limits = [
        ApplicationLimit(
            limit_provider=f"{bucket.most} per {WINDOW} seconds",
            key_function=bucket.whose,
            scope=bucket.name,
            exempt_when=_not(bucket.counts),
        )
        for bucket in BUCKETS
    ]
    where, how = _storage(settings.redis_url)
    limiter = Limiter(
        place, application_limits=[*limits], storage_uri=where, storage_options=how, in_memory_fallback_enabled=True
    )
    limiter.request_filter(lambda: not any(bucket.counts() for bucket in BUCKETS))
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _too_many)


def _not(counts: Callable[[], bool]) -> Callable[[], bool]:
    return lambda: not counts()


def _too_many(_error: RateLimitExceeded) -> Response:
    sentence = "Too many requests came from you or your network. Please wait a minute and try again."
    response = make_response(problems.answer(429, sentence))
    response.headers["Retry-After"] = str(WINDOW)
    return response


def _storage(redis_url: str) -> tuple[str, dict[str, Any]]:
    """Where it is counted. A Redis that does not answer at once is not waited for."""
    if not redis_url:
        return "memory://", {}
    from redis.backoff import NoBackoff  # slow to load, and not every installation has a Redis
    from redis.retry import Retry

    options = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    where = redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url
    return where, options | {"key_prefix": "alpr-requests"}
