"""Telling the service what became of each letter, in signed events, as the provider's event webhook does."""

from __future__ import annotations

import base64
import json
import logging
import secrets
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from workflow_app import clock
from workflow_app.local.letters import Letter, Letters

LONGEST_WAIT = 30.0  # seconds between two tries while the service does not answer
_TIMEOUT = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Where events go, and the key that signs them."""

    url: str
    key: ec.EllipticCurvePrivateKey

    def post(self, events: list[dict[str, Any]]) -> None:
        """One signed request; OSError when the service does not take it."""
        body = json.dumps(events).encode()
        timestamp = str(int(clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "SendGrid Event API",
            "X-Twilio-Email-Event-Webhook-Signature": _signature(self.key, timestamp, body),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }
        address = urlsplit(self.url)
        connection = HTTPConnection(address.netloc, timeout=_TIMEOUT)
        try:
            connection.request("POST", address.path, body, headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        if status >= 300:
            raise OSError(f"HTTP {status}")


def _signature(key: ec.EllipticCurvePrivateKey, timestamp: str, body: bytes) -> str:
    """As the provider signs. Made here, not by the service's own outbox: the catcher is a stranger to it."""
    return base64.b64encode(key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))).decode()


def signing_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """The private key of a kept PEM text."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the kept key is not an elliptic-curve key")
    return key


class Reporter:
    """Reports letters in the background, oldest first, until the service has taken each report."""

    def __init__(self, letters: Letters, hook: Hook) -> None:
        self._letters, self._hook = letters, hook
        self._news = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is a new letter."""
        self._news.set()

    def close(self) -> None:
        """Stop; what is not reported yet waits for the next start."""
        self._closing.set()
        self._news.set()
        self._thread.join(_TIMEOUT)

    def _run(self) -> None:
        wait = 0.0
        while not self._closing.wait(wait):
            self._news.clear()
            letters = self._letters.unreported()
            if not letters:
                wait = 0.0
                self._news.wait()
                continue
            wait = 0.0 if self._report(letters) else min(LONGEST_WAIT, wait * 2 or 0.25)

    def _report(self, letters: list[Letter]) -> bool:
        try:
            self._hook.post([event for letter in letters for event in events_of(letter)])
        except (OSError, HTTPException) as failure:
            _log.warning("delivery events were not taken, trying again: %s", failure)
            return False
        self._letters.mark_reported(letters)
        return True


def events_of(letter: Letter) -> list[dict[str, Any]]:
    """Taken over, then delivered; or returned, where the address begins with `bounce@`."""
    outcome: dict[str, Any] = {"event": "delivered", "response": "250 OK"}
    if letter.to.casefold().startswith("bounce@"):
        reason = "550 5.1.1 The email account that you tried to reach does not exist."
        outcome = {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": reason}
    common = {
        "email": letter.to,
        "timestamp": int(letter.received_at.timestamp()),
        "sg_message_id": f"{letter.message_id}.recvd-local-{letter.id}",
        **letter.custom_args,
    }
    return [
        {**common, **event, "sg_event_id": secrets.token_urlsafe(16)} for event in ({"event": "processed"}, outcome)
    ]
