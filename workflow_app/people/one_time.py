"""One-time addresses for people with an account: whoever opens one may set the password, once."""

from __future__ import annotations

from flask_security.recoverable import generate_reset_password_token

from workflow_app.people.models import Person

FORGOTTEN = "/password/forgotten"
"""Where a person asks for such an address; the addresses themselves lie below it."""


def set_password_path(person: Person) -> str:
    """The path of a page that sets this person's password. It ends with the next password, or after a day."""
    token: str = generate_reset_password_token(person)  # type: ignore[no-untyped-call]  # the library ships no types
    return f"{FORGOTTEN}/{token}"
