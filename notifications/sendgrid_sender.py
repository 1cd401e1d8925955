"""Sending through Twilio SendGrid's v3 API with its own client, given a deadline and kept quiet."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from notifications.outcomes import Accepted, InDoubt, Outcome, Refused, Retry
from notifications.senders import Mail


class SendGridSender:
    """SendGrid queues the mail (202) and reports what became of it in signed events that carry our `outbox_id`.

    It knows no idempotency key, so an answer that was lost leaves doubt until an event arrives.
    """

    name = "sendgrid"
    reports_delivery = True

    def __init__(self, api_key: str, host: str = "https://api.sendgrid.com", timeout: float = 10.0) -> None:
        # Imported here: it is slow to load, and only the mail worker sends.
        from sendgrid import SendGridAPIClient

        # At level DEBUG its HTTP client would log the key and every letter.
        logging.getLogger("python_http_client").setLevel(logging.INFO)
        self._api = SendGridAPIClient(api_key=api_key, host=host)
        self._api.client.timeout = timeout  # the client's own default is to wait for ever

    def send(self, mail: Mail) -> Outcome:
        """One POST. Doubt begins once the request has left in full."""
        from python_http_client.exceptions import HTTPError

        try:
            response = self._api.send(_body(mail))
        except HTTPError as answer:
            return _said_no(answer.status_code, answer.headers)
        except URLError as error:
            # urllib wraps only what fails before the request is out: no connection, no TLS, a broken pipe.
            return Retry(f"The mail provider could not be reached ({type(error.reason).__name__}).")
        except (OSError, HTTPException) as error:
            return InDoubt(f"The mail provider fell silent after the message ({type(error).__name__}).")
        if response.status_code != 202:
            return InDoubt(f"The mail provider gave an answer we do not know (HTTP {response.status_code}).")
        return Accepted(response.headers.get("X-Message-Id"))


def _body(mail: Mail) -> dict[str, Any]:
    body: dict[str, Any] = {
        "personalizations": [{"to": [_person(mail.to_address, mail.to_name)]}],
        "from": _person(mail.from_address, mail.from_name),
        "subject": mail.subject,
        "content": [{"type": "text/plain", "value": mail.text}, {"type": "text/html", "value": mail.html}],
        "headers": mail.headers,
        # The provider stores these for long, unredacted: an opaque number and nothing else.
        "custom_args": {"outbox_id": str(mail.message_id)},
        # Tracking would rewrite our links and tell the provider who reads what.
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }
    if mail.reply_to is not None:
        body["reply_to"] = {"email": mail.reply_to}
    return body


def _person(address: str, name: str) -> dict[str, str]:
    return {"email": address, "name": name} if name else {"email": address}


def _said_no(status: int, headers: Mapping[str, str]) -> Outcome:
    if status in (408, 429) or status >= 500:
        wait = _retry_after(headers) or (_until_reset(headers) if status == 429 else None)
        return Retry(f"The mail provider asked us to come back later (HTTP {status}).", wait)
    if status in (401, 403):
        # A wrong key is a fault of the setting, not of this message: it waits until somebody has put it right.
        return Retry(f"The mail provider did not let us in (HTTP {status}).")
    # Its error text may repeat the recipient's address; the status does not.
    return Refused(f"The mail provider refused the message (HTTP {status}).")


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Seconds, or a date which is read against the provider's own clock."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), 10**8))
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(wait, timedelta(0))


def _until_reset(headers: Mapping[str, str]) -> timedelta | None:
    """Its own way of saying when: the second at which its count of our requests begins anew, by its own clock."""
    try:
        reset = datetime.fromtimestamp(int(headers.get("X-RateLimit-Reset", "")[:11]), UTC)
        wait = reset - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return max(wait, timedelta(seconds=1))
