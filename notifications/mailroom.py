"""The mailroom: takes messages from the outbox one by one, has each sent, and writes down what came of it.

It commits only the transactions that it is given.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notifications import faults
from notifications.budget import GENEROUS, Budget, pause
from notifications.claims import LEASE, claim, expire, longest_due, record
from notifications.drafts import address, one_line
from notifications.models import OutboxMessage
from notifications.outcomes import InDoubt, Outcome, Refused, Retry, Settled
from notifications.rendering import Rendered, RenderError
from notifications.senders import Mail, Sender

log = logging.getLogger(__name__)


def no_failpoint(name: str) -> None:
    """Nothing happens here in service; a test replaces `failpoint` to stop the process at a named instant."""


failpoint: Callable[[str], None] = no_failpoint


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who the recipient sees as the writer, and where an answer goes. ValueError names an unusable field."""

    address: str
    name: str = ""
    reply_to: str | None = None

    def __post_init__(self) -> None:
        address("address", self.address)
        one_line("name", self.name, 200)
        if self.reply_to is not None:
            address("reply_to", self.reply_to)


@dataclass(frozen=True, kw_only=True)
class Mailroom:
    """One worker's way of delivering; any number may work on one outbox.

    `begin()` opens a transaction that commits when left; two are used for a message, and none is open while the
    provider is called. `owner` is unique to the process. `render` gets the claimed row, detached.
    """

    begin: Callable[[], AbstractContextManager[Session]]
    now: Callable[[], datetime]
    owner: str
    sender: Sender
    render: Callable[[OutboxMessage], Rendered]
    origin: Origin
    lease: timedelta = LEASE
    budget: Budget = GENEROUS

    def deliver(self, message_id: int) -> Settled | None:
        """Make one attempt at a message; safe to call twice, late, or from many processes.

        None means there was nothing to do: not due, held by somebody else, or the budget is spent.
        """
        with self.begin() as session:
            settled, message = self._taken(session, message_id)
            failpoint("outbox.claiming")
        return settled if message is None else self._carried(message)

    def deliver_next(self) -> tuple[int, Settled] | None:
        """Make one attempt at the message that is due longest and nobody's; None when there is none to send now."""
        with self.begin() as session:
            message_id = longest_due(session, self.now())
            if message_id is None:
                return None
            settled, message = self._taken(session, message_id)
            failpoint("outbox.claiming")
        if message is not None:
            settled = self._carried(message)
        return (message_id, settled) if settled is not None else None

    def _taken(self, session: Session, message_id: int) -> tuple[Settled | None, OutboxMessage | None]:
        """What time has made of the message, or else the message itself, claimed."""
        now, reports = self.now(), self.sender.reports_delivery
        settled = expire(session, message_id, now=now, reports_delivery=reports)
        settled = settled or faults.hold(session, message_id, now=now)
        if settled is not None:
            return settled, None
        message = claim(session, message_id, now=now, owner=self.owner, lease=self.lease, budget=self.budget)
        if message is not None:
            session.expunge(message)
        return None, message

    def _carried(self, message: OutboxMessage) -> Settled:
        failpoint("outbox.claimed")
        outcome = self._attempt(message)
        failpoint("outbox.sent")
        with self.begin() as session:
            settled = record(
                session,
                message.id,
                now=self.now(),
                owner=self.owner,
                outcome=outcome,
                reports_delivery=self.sender.reports_delivery,
            )
            if isinstance(outcome, Retry) and outcome.retry_after:  # all messages leave the provider alone
                pause(session, now=self.now(), wait=outcome.retry_after, budget=self.budget)
            failpoint("outbox.recording")
        failpoint("outbox.recorded")
        return settled

    def _attempt(self, message: OutboxMessage) -> Outcome:
        try:
            mail = _mail(message, self.render(message), self.origin, self.now())
        except RenderError as error:
            return Refused(str(error))
        except (OSError, SQLAlchemyError) as error:
            # A disk or a database that is away for a moment is no fault of the message, and nothing has been sent yet.
            return Retry(f"The message could not be written for now ({type(error).__name__}).")
        except Exception as error:  # a broken template fails its own message, never the worker
            log.warning("message could not be written", extra={"outbox_id": message.id, "error": type(error).__name__})
            return Refused(f"The message could not be written ({type(error).__name__}).")
        failpoint("outbox.sending")
        try:
            return self.sender.send(mail)
        except Exception as error:  # whatever it was, the message may have left the house
            log.warning("sender failed", extra={"outbox_id": message.id, "error": type(error).__name__})
            return InDoubt(f"The sender failed unexpectedly ({type(error).__name__}).")


def _mail(message: OutboxMessage, rendered: Rendered, origin: Origin, now: datetime) -> Mail:
    return Mail(
        message_id=message.id,
        reference=f"{message.id}.{message.created_at:%Y%m%d%H%M%S}",
        date=now,
        from_address=origin.address,
        from_name=origin.name,
        to_address=message.to_address,
        to_name=message.to_name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        reply_to=origin.reply_to,
    )
