"""A worker that ends without a word at a named instant: arguments are database URL, message id, provider, instant."""

import os
import sys
from datetime import UTC, datetime

from outbox_store import Store, connect

from notifications import Mailroom, Origin, OutboxMessage, Rendered, SendGridSender, mailroom


def die_at(instant: str) -> None:
    """Make the process stop as SIGKILL would: no clean-up, no commit."""

    def stop(name: str) -> None:
        if name == instant:
            os._exit(9)

    mailroom.failpoint = stop


def letter(message: OutboxMessage) -> Rendered:
    """A short letter."""
    return Rendered("Subject", f"Text for {message.to_name}", "<p>Text</p>")


if __name__ == "__main__":
    url, message_id, provider, instant, now = sys.argv[1:]
    die_at(instant)
    moment = datetime.fromisoformat(now).astimezone(UTC)
    store = Store(url, connect(url))
    room = Mailroom(
        begin=store.begin,
        now=lambda: moment,
        owner="doomed",
        sender=SendGridSender("SG.test", provider, timeout=5.0),
        render=letter,
        origin=Origin(address="alpr@agency.example"),
    )
    room.deliver(int(message_id))
