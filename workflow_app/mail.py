"""Where the outbox meets the house: which sender, which texts, which address a link has."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import notifications
from notifications import (
    Budget,
    FolderSender,
    Layout,
    Origin,
    OutboxMessage,
    Rendered,
    Renderer,
    Sender,
    SendGridSender,
    SmtpSender,
)
from workflow_app.cases import link_codes, links
from workflow_app.cases.models import Link
from workflow_app.db import session
from workflow_app.errors import Conflict, Unusable
from workflow_app.kit import Registry
from workflow_app.people import person
from workflow_app.people.one_time import set_password_path
from workflow_app.settings import Settings

SHARED = Path(str(files("workflow_app"))) / "mails"
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
"""A mail server there is reached over no network, and mostly has no certificate for such a name."""
SETS_PASSWORD = frozenset({"casework/set_password", "casework/invited"})
"""Texts with a link that sets their recipient's password."""


def search_paths(registry: Registry) -> list[Path]:
    """Where e-mail texts are looked up: each process's own folder, then the shared ones."""
    return [*dict.fromkeys(process.folder.parent for process in registry), SHARED]


def renderer(registry: Registry, agency_name: str) -> Renderer:
    """Turns stored messages into text, at the moment they are sent."""
    return Renderer(search_paths(registry), Layout(agency=agency_name))


def sender(settings: Settings) -> Sender:
    """The way out that the settings name. Raises Unusable for an unknown one, or a key that is none."""
    if settings.mail_sender == "sendgrid":
        if settings.sendgrid_event_key and not notifications.is_event_key(settings.sendgrid_event_key):
            raise Unusable("ALPR_SENDGRID_EVENT_KEY is not the provider's public key: base64, on the curve P-256.")
        return SendGridSender(settings.sendgrid_api_key, settings.sendgrid_host)
    if settings.mail_sender == "smtp":
        host, safe = settings.smtp_host, settings.smtp_host not in _THIS_MACHINE
        return SmtpSender(host, settings.smtp_port, settings.smtp_user, settings.smtp_password, starttls=safe)
    if settings.mail_sender == "folder":
        return FolderSender(settings.mail_folder)
    raise Unusable("ALPR_MAIL_SENDER must be sendgrid, smtp or folder.")


def origin(settings: Settings, agency_name: str) -> Origin:
    """Who e-mails come from. Raises Unusable where a mail header could not be written of it."""
    try:
        return Origin(address=settings.mail_from, name=agency_name)
    except ValueError as error:
        named = "ALPR_MAIL_FROM" if str(error).startswith("address") else "The agency's name in the profile"
        raise Unusable(f"{named} cannot stand in an e-mail: {str(error).partition(': ')[2]}.") from error


def budget(settings: Settings) -> Budget:
    """How fast e-mails leave: so many a minute, and ten seconds' worth of them at once. Raises Unusable."""
    if settings.mail_per_minute < 1:
        raise Unusable("ALPR_MAIL_PER_MINUTE must be at least 1.")
    return Budget(per_minute=settings.mail_per_minute, burst=max(1, settings.mail_per_minute // 6))


def render(message: OutboxMessage, settings: Settings, texts: Renderer) -> Rendered:
    """A message's text. The address of its link, or the code that goes with it, is computed here and stands nowhere."""
    url, params = None, message.params
    if message.link_id is not None:
        link = session().get(Link, message.link_id, populate_existing=True)
        if link is None:
            raise notifications.RenderError("The link this message was to carry no longer exists.")
        if link.email != message.to_address:  # sent again to a corrected address while this one waited
            raise notifications.RenderError("The link this message was to carry belongs to another address now.")
        if message.template == link_codes.TEMPLATE:
            params = {**params, "code": _code(link)}
        else:
            url = f"{settings.url}/l/{links.token_of(link, settings.link_key)}"
    elif message.template in SETS_PASSWORD:
        url = settings.url + set_password_path(person(message.params["person_id"]))
    session().rollback()  # end the read: no transaction is open while the provider is called
    return texts.render(message.template, params, url)


def _code(link: Link) -> str:
    try:
        return link_codes.current(link)
    except Conflict as late:
        raise notifications.RenderError(late.sentence) from late
