"""The seam to the outside: what a sender promises, the mail it is given, and what it must answer."""

import os
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from notifications.drafts import address, one_line
from notifications.outcomes import Accepted, InDoubt, Outcome, Refused, Retry

_POLICY = policy.SMTP.clone(cte_type="7bit")
_NO_MAILBOX = {550, 551, 553}
"""RFC 5321, 4.2.3: no such mailbox. With 5.7.x (RFC 3463) it is we who may not send, whatever the address."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One e-mail, complete. `message_id` is the outbox id; `reference` is the same in every attempt.

    ValueError if anything bound for a header could start another one.
    """

    message_id: int
    reference: str
    date: datetime
    from_address: str
    to_address: str
    subject: str
    text: str
    html: str
    from_name: str = ""
    to_name: str = ""
    reply_to: str | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"Auto-Submitted": "auto-generated"})

    def __post_init__(self) -> None:
        address("from_address", self.from_address)
        address("to_address", self.to_address)
        if self.reply_to is not None:
            address("reply_to", self.reply_to)
        for name in ("reference", "from_name", "to_name", "subject"):
            one_line(name, getattr(self, name), 998)
        for name, value in self.headers.items():
            one_line("headers", f"{name}: {value}", 998)


class Sender(Protocol):
    """A way out of the house.

    `reports_delivery`: signed events will follow; otherwise "accepted" is the last we hear. `send` answers with an
    outcome and does not raise for anything the network does; its deadline is shorter than a lease.
    """

    @property
    def name(self) -> str: ...

    @property
    def reports_delivery(self) -> bool: ...

    def send(self, mail: Mail) -> Outcome: ...


class SmtpSender:
    """Hands mail to a mail server. It reports nothing afterwards: the server's 250 is the last word."""

    name = "smtp"
    reports_delivery = False

    def __init__(
        self, host: str, port: int, user: str = "", password: str = "", starttls: bool = True, timeout: float = 10.0
    ) -> None:
        self._host, self._port, self._timeout = host, port, timeout
        self._user, self._password, self._starttls = user, password, starttls

    def send(self, mail: Mail) -> Outcome:
        """One connection, one mail. Only a silence after the mail's last line leaves doubt."""
        try:
            server = self._connect()
        except smtplib.SMTPResponseException as error:
            # Wrong password or a server that is full: a fault of the setting or the hour, not of this message.
            return Retry(f"The mail server did not let us in ({error.smtp_code}).")
        except (OSError, smtplib.SMTPException) as error:
            return Retry(f"The mail server could not be reached ({type(error).__name__}).")
        try:
            return _hand_over(server, mail)
        except (OSError, smtplib.SMTPException) as error:
            return Retry(f"The mail server broke off before it had the message ({type(error).__name__}).")
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        tls = ssl.create_default_context()
        if self._port == 465:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=tls)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._starttls and self._port != 465:
                server.starttls(context=tls)
            if self._user:
                server.login(self._user, self._password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server


def _hand_over(server: smtplib.SMTP, mail: Mail) -> Outcome:
    answer = server.mail(mail.from_address)[0]
    if answer != 250:
        return _said_no(answer, "writer")
    answer, words = server.rcpt(mail.to_address)
    if answer not in (250, 251):
        return _said_no(answer, "recipient", address=answer in _NO_MAILBOX and not words.startswith(b"5.7."))
    try:
        answer = server.data(as_message(mail).as_bytes())[0]
    except smtplib.SMTPDataError as error:  # it refused before the first line
        return _said_no(error.smtp_code, "message")
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        return InDoubt(f"The mail server fell silent after the message ({type(error).__name__}).")
    return Accepted() if answer == 250 else _said_no(answer, "message")


def _said_no(code: int, what: str, *, address: bool = False) -> Outcome:
    # The server's own words often repeat the address; its code does not.
    if 500 <= code < 600:
        return Refused(f"The mail server refused the {what} ({code}).", address=address)
    return Retry(f"The mail server put the {what} off ({code}).")


class FolderSender:
    """Writes each mail as a file: for trials, and for agencies whose gateway picks up a folder.

    A second attempt replaces the first one's file.
    """

    name = "folder"
    reports_delivery = False

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, mail: Mail) -> Outcome:
        """The file appears whole or not at all."""
        target = self._path / f"{mail.reference}.eml"
        unfinished = target.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(as_message(mail).as_bytes())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        except OSError as error:
            return Retry(f"The mail folder cannot be written ({type(error).__name__}).")
        return Accepted(target.name)


def as_message(mail: Mail) -> EmailMessage:
    """The mail as MIME, text first. Its Message-ID lets the recipient's server recognise a repetition."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(mail.from_name, addr_spec=mail.from_address)
    message["To"] = Address(mail.to_name, addr_spec=mail.to_address)
    if mail.reply_to is not None:
        message["Reply-To"] = Address(addr_spec=mail.reply_to)
    message["Subject"] = mail.subject
    message["Date"] = mail.date
    message["Message-ID"] = f"<{mail.reference}@{mail.from_address.partition('@')[2]}>"
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
