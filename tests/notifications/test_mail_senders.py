"""One contract for every way out of the house, on real local servers."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from mail_servers import CUT, SILENCE, Provider, sendgrid_server, smtp_server

from notifications import Accepted, FolderSender, InDoubt, Mail, Refused, Retry, Sender, SendGridSender, SmtpSender
from workflow_app import mail
from workflow_app.settings import Settings

MAIL = Mail(
    message_id=17,
    reference="17.20260302090000",
    date=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    from_address="alpr@agency.example",
    from_name="ALPR programme",
    to_address="ortiz@agency.example",
    to_name="Zoë Ortiz, Lt.",
    subject="Your report – received",
    text="Dear Zoë,\n.\nwe have it.\n",
    html="<p>Dear Zoë</p>",
    reply_to="records@agency.example",
)


@dataclass
class WayOut:
    """A sender, and what has arrived at its other end as (from, to, reply-to, subject, text, html, headers)."""

    sender: Sender
    arrived: Callable[[], list[dict[str, Any]]]


@pytest.fixture(params=["sendgrid", "smtp", "folder"])
def way_out(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WayOut]:
    with ExitStack() as servers:
        if request.param == "sendgrid":
            api = servers.enter_context(sendgrid_server())
            yield WayOut(SendGridSender("SG.x", api.host), lambda: [of_json(mail) for mail in api.accepted])
        elif request.param == "smtp":
            smtp = servers.enter_context(smtp_server())
            sender = SmtpSender("127.0.0.1", smtp.port, starttls=False)
            yield WayOut(sender, lambda: [of_mime(mail["data"]) for mail in smtp.accepted])
        else:
            files = tmp_path / "mails"
            yield WayOut(FolderSender(files), lambda: [of_mime(f.read_bytes()) for f in sorted(files.glob("*"))])


def of_json(mail: dict[str, Any]) -> dict[str, Any]:
    to = mail["personalizations"][0]["to"][0]
    return {
        "from": (mail["from"]["name"], mail["from"]["email"]),
        "to": (to["name"], to["email"]),
        "reply_to": mail["reply_to"]["email"],
        "subject": mail["subject"],
        "text": mail["content"][0]["value"],
        "html": mail["content"][1]["value"],
        "auto": mail["headers"]["Auto-Submitted"],
    }


def of_mime(data: bytes) -> dict[str, Any]:
    assert data.isascii(), "a server without 8BITMIME would spoil it"
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)

    def person(header: str) -> tuple[str, str]:
        address = mail[header].addresses[0]
        return address.display_name, address.addr_spec

    def part(kind: str) -> str:
        body = mail.get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    return {
        "from": person("From"),
        "to": person("To"),
        "reply_to": person("Reply-To")[1],
        "subject": mail["Subject"],
        "text": part("plain"),
        "html": part("html").strip(),
        "auto": mail["Auto-Submitted"],
    }


def test_a_mail_arrives_as_it_was_written(way_out: WayOut) -> None:
    assert isinstance(way_out.sender.send(MAIL), Accepted)
    assert way_out.arrived() == [
        {
            "from": ("ALPR programme", "alpr@agency.example"),
            "to": ("Zoë Ortiz, Lt.", "ortiz@agency.example"),
            "reply_to": "records@agency.example",
            "subject": "Your report – received",
            "text": MAIL.text,
            "html": MAIL.html,
            "auto": "auto-generated",
        }
    ]


FORGED = ["\r\nBcc: all@agency.example", "\nBcc: all@agency.example", "\r", "\0", "\x0b", "\x85", "\u2028", "\u2029"]
"""What could begin another header, for one reader of mail or another."""


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    "field", ["to_name", "from_name", "subject", "reply_to", "to_address", "from_address", "reference"]
)
def test_no_way_out_takes_a_forged_header(way_out: WayOut, field: str, forged: str) -> None:
    with pytest.raises(ValueError, match=field):
        way_out.sender.send(Mail(**{**vars(MAIL), field: f"a@agency.example{forged}"}))
    assert way_out.arrived() == []


def test_no_header_of_ours_can_be_forged_either() -> None:
    with pytest.raises(ValueError, match="headers"):
        replace(MAIL, headers={"X-Case": "1\r\nBcc: all@agency.example"})


def patience(answer: Any) -> float:
    """Short where the server will say nothing, long where a busy machine might be slow to."""
    return 0.3 if answer == SILENCE else 10.0


@pytest.fixture
def nobody_listens() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def api() -> Iterator[Provider]:
    with sendgrid_server() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[Provider]:
    with smtp_server() as server:
        yield server


def test_sendgrid_gets_an_opaque_number_and_tracks_nobody(api: Provider) -> None:
    assert SendGridSender("SG.x", api.host).send(MAIL) == Accepted("sg-1")
    assert api.accepted[0]["custom_args"] == {"outbox_id": "17"}
    assert api.accepted[0]["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
    }
    assert "custom_args" not in api.accepted[0]["personalizations"][0]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((429, {"Retry-After": "90"}), Retry("", timedelta(seconds=90))),
        ((429, {"Retry-After": "soon"}), Retry("", None)),
        (408, Retry("")),
        (500, Retry("")),
        (400, Refused("")),
        (401, Retry("")),
        (413, Refused("")),
        (200, InDoubt("")),
        (SILENCE, InDoubt("")),
        (CUT, InDoubt("")),
    ],
)
def test_every_answer_of_sendgrid_has_its_meaning(api: Provider, answer: Any, outcome: Any) -> None:
    api.script = [answer]
    said = SendGridSender("SG.x", api.host, timeout=patience(answer)).send(MAIL)
    assert not isinstance(said, Accepted)
    assert replace(said, reason="") == outcome
    assert "ortiz" not in str(said)


def test_a_date_to_come_back_is_read_against_the_providers_clock(api: Provider) -> None:
    when = "Wed, 21 Oct 2099 07:28:00 GMT"
    api.script = [(503, {"Retry-After": when})]
    said = SendGridSender("SG.x", api.host).send(MAIL)
    assert isinstance(said, Retry)
    assert said.retry_after is not None
    assert said.retry_after > timedelta(days=365)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1772442090", 90), ("1772442000", 1), ("1000", 1), ("soon", None), ("", None)],
)
def test_the_second_at_which_its_count_begins_anew_is_waited_for(
    api: Provider, reset: str, seconds: int | None
) -> None:
    date = format_datetime(datetime.fromtimestamp(1772442000, UTC), usegmt=True)
    api.script = [(429, {"X-RateLimit-Reset": reset, "Date": date})]
    said = SendGridSender("SG.x", api.host).send(MAIL)
    assert isinstance(said, Retry)
    assert said.retry_after == (timedelta(seconds=seconds) if seconds else None)


def test_a_server_that_is_not_there_has_certainly_not_taken_the_mail(nobody_listens: int) -> None:
    senders: list[Sender] = [
        SendGridSender("SG.x", f"http://127.0.0.1:{nobody_listens}"),
        SmtpSender("127.0.0.1", nobody_listens, starttls=False),
    ]
    assert [type(sender.send(MAIL)) for sender in senders] == [Retry, Retry]


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (
            ("RCPT TO", "550 5.1.1 <ortiz@agency.example>"),
            Refused("The mail server refused the recipient (550).", address=True),
        ),
        (("RCPT TO", "550 5.7.1 relaying denied"), Refused("The mail server refused the recipient (550).")),
        (("RCPT TO", "451 greylisted"), Retry("The mail server put the recipient off (451).")),
        (("MAIL FROM", "553 no"), Refused("The mail server refused the writer (553).")),
        (("DATA", "554 no"), Refused("The mail server refused the message (554).")),
        (SILENCE, InDoubt("The mail server fell silent after the message (SMTPServerDisconnected).")),
        (CUT, InDoubt("The mail server fell silent after the message (SMTPServerDisconnected).")),
    ],
)
def test_every_answer_of_a_mail_server_has_its_meaning(smtp: Provider, script: Any, outcome: Any) -> None:
    smtp.script = [script]
    assert SmtpSender("127.0.0.1", smtp.port, starttls=False, timeout=patience(script)).send(MAIL) == outcome


def test_a_mail_server_without_the_encryption_asked_for_gets_nothing(smtp: Provider) -> None:
    said = SmtpSender("127.0.0.1", smtp.port, "user", "secret", starttls=True).send(MAIL)
    assert isinstance(said, Retry)
    assert smtp.accepted == []


def test_a_repeated_mail_keeps_its_message_id_and_replaces_its_file(tmp_path: Path) -> None:
    sender = FolderSender(tmp_path)
    assert sender.send(MAIL) == sender.send(MAIL) == Accepted("17.20260302090000.eml")
    assert [file.name for file in tmp_path.iterdir()] == ["17.20260302090000.eml"]
    assert b"Message-ID: <17.20260302090000@agency.example>" in (tmp_path / "17.20260302090000.eml").read_bytes()


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert isinstance(FolderSender(tmp_path / "file").send(MAIL), Retry)


def test_a_mail_server_of_this_machine_needs_no_encryption_and_any_other_does() -> None:
    with smtp_server() as smtp:
        here = Settings(mail_sender="smtp", smtp_host="127.0.0.1", smtp_port=smtp.port)
        assert isinstance(mail.sender(here).send(MAIL), Accepted)
        elsewhere = replace(here, smtp_host="127.0.0.2")
        assert isinstance(mail.sender(elsewhere).send(MAIL), Retry)
        assert len(smtp.accepted) == 1
