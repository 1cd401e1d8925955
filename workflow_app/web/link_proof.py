"""What a browser of an outsider carries: the token of each link, and the proof that it reads the mail of an address.

Both are cookies of a path of their own. The proof is an HMAC over the address and the moment at which it ends; it
names nobody, works for every link to that address, and for no other.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256

from flask import request, url_for
from werkzeug.wrappers import Response

from workflow_app.cases import link_codes, links
from workflow_app.cases.installation import here
from workflow_app.cases.link_standing import genuine
from workflow_app.cases.models import Link
from workflow_app.web.forgery import is_from_here

_ACTS = "/act/"


def carried(link_id: str) -> tuple[str, Link | None]:
    """The token in this path's cookie, and the link it opens if it is the one of this address."""
    token = request.cookies.get(_cookie_name("link"), "")
    link = genuine(token)
    return token, link if link is not None and link.id == link_id else None


def carrying(response: Response, link: Link) -> Response:
    """Put the link's token into the cookie of its own path, for as long as the browser is open."""
    token = links.token_of(link, here().settings.link_key)
    _keep(response, "link", token, path=url_for("links.show", link_id=link.id))
    return response


def is_proven(link: Link, now: datetime) -> bool:
    """Whether this browser has shown lately that it reads the mail of the link's address."""
    until, _, seal = request.cookies.get(_cookie_name(_mailbox(link)), "").partition(".")
    if not until.isascii() or not until.isdigit() or len(until) > 12:
        return False
    return hmac.compare_digest(seal.encode(), _seal(link, until).encode()) and now.timestamp() < int(until)


def proving(response: Response, link: Link, now: datetime) -> Response:
    """Let the browser open every link to this address without another code, for some hours."""
    until = str(int(link_codes.proof_ends_at(now).timestamp()))
    seconds = int(until) - int(now.timestamp())
    _keep(response, _mailbox(link), f"{until}.{_seal(link, until)}", path=_ACTS, seconds=seconds)
    return response


def csrf(token: str) -> str:
    """What only our own page knows beside the cookie: an HMAC over it."""
    return hmac.new(here().settings.secret_key.encode(), f"link form {token}".encode(), sha256).hexdigest()


def is_our_form(token: str) -> bool:
    """Whether what was sent comes from the form we showed for this token, in a page of ours."""
    given = request.form.get("csrf_token", "")
    return is_from_our_page() and hmac.compare_digest(given.encode(), csrf(token).encode())


def is_from_our_page() -> bool:
    """Whether the request comes from a page of ours, or from a program, which names no origin."""
    return is_from_here(here().settings.url.rstrip("/"))


def _keep(response: Response, name: str, value: str, *, path: str, seconds: int | None = None) -> None:
    response.set_cookie(
        _cookie_name(name), value, path=path, max_age=seconds, secure=_is_https(), httponly=True, samesite="Lax"
    )


def _cookie_name(name: str) -> str:
    return f"__Secure-{name}" if _is_https() else name


def _is_https() -> bool:
    return here().settings.url.startswith("https://")


def _mailbox(link: Link) -> str:
    """The name of the cookie for an address: proofs for two addresses stand side by side."""
    return f"mailbox-{_mac(f'mailbox {link.email.casefold()}')[:12]}"


def _seal(link: Link, until: str) -> str:
    return _mac(f"proof {until} {link.email.casefold()}")


def _mac(text: str) -> str:
    return hmac.new(here().settings.link_key.encode(), text.encode(), sha256).hexdigest()
