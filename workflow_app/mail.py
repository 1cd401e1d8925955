"""Where the outbox meets the house: which sender, which texts, which address a link has."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import notifications
from notifications import FolderSender, Layout, OutboxMessage, Rendered, Renderer, Sender, SendGridSender, SmtpSender
from workflow_app.cases import links
from workflow_app.cases.models import Link
from workflow_app.db import session
from workflow_app.errors import Unusable
from workflow_app.kit import Registry
from workflow_app.people import person
from workflow_app.people.one_time import set_password_path
from workflow_app.settings import Settings

SHARED = Path(str(files("workflow_app"))) / "mails"
SET_PASSWORD = "casework/set_password"  # noqa: S105 - the name of a text


def search_paths(registry: Registry) -> list[Path]:
    """Where e-mail texts are looked up: each process's own folder, then the shared ones."""
    return [*dict.fromkeys(process.folder.parent for process in registry), SHARED]


def renderer(registry: Registry, agency_name: str) -> Renderer:
    """Turns stored messages into text, at the moment they are sent."""
    return Renderer(search_paths(registry), Layout(agency=agency_name))


def sender(settings: Settings) -> Sender:
    """The way out that the settings name. Raises Unusable for an unknown one."""
    if settings.mail_sender == "sendgrid":
        return SendGridSender(settings.sendgrid_api_key, settings.sendgrid_host)
    if settings.mail_sender == "smtp":
        return SmtpSender(
            settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.smtp_password, starttls=True
        )
    if settings.mail_sender == "folder":
        return FolderSender(settings.mail_folder)
    raise Unusable("ALPR_MAIL_SENDER must be sendgrid, smtp or folder.")


def render(message: OutboxMessage, settings: Settings, texts: Renderer) -> Rendered:
    """A message's text. The address of its link is computed here and stands nowhere else."""
    url = None
    if message.link_id is not None:
        link = session().get(Link, message.link_id, populate_existing=True)
        if link is None:
            raise notifications.RenderError("The link this message was to carry no longer exists.")
        if link.email != message.to_address:  # sent again to a corrected address while this one waited
            raise notifications.RenderError("The link this message was to carry belongs to another address now.")
        url = f"{settings.url}/l/{links.token_of(link, settings.link_key)}"
    elif message.template == SET_PASSWORD:
        url = settings.url + set_password_path(person(message.params["person_id"]))
    session().rollback()  # end the read: no transaction is open while the provider is called
    return texts.render(message.template, message.params, url)
