"""Tables of the outbox: what is to be sent, what the provider said about it, and how fast we may send."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Base(DeclarativeBase):
    """The metadata of this package; migrations read it beside the application's."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC and read back aware on SQLite and PostgreSQL alike."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone: nobody could say when it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite forgets the zone; what was written was UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class State(StrEnum):
    """Where a message stands, from written down to what its recipient's server made of it."""

    PENDING = "pending"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"  # perhaps accepted: we did not hear the answer
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REFUSED = "refused"  # will never be accepted as it is
    DEAD = "dead"  # given up
    RECALLED = "recalled"  # not wanted any more: sent to another address instead, or to nobody
    HELD = "held"  # waits until somebody has put its address right


DISCREET = "discreet"
"""A category: nobody hears that it failed or to whom it went, and its address is taken off it once it has left."""
UNSENT = (State.PENDING, State.SENDING, State.IN_DOUBT)
# Spelled out, since neither database uses a partial index for a condition with bound parameters.
UNSENT_SQL = "state IN ('pending', 'sending', 'in_doubt')"
SILENT_SQL = "statutory AND state = 'accepted' AND final_at IS NULL"
PERSONAL_SQL = "to_address <> ''"
DISCREET_SQL = "category = 'discreet' AND to_address <> ''"
UNDELIVERED_SQL = "state IN ('bounced', 'dropped', 'complained', 'held')"


def _state_column() -> Enum:
    return Enum(State, native_enum=False, length=16, values_callable=lambda states: [state.value for state in states])


def _index_of(name: str, column: str, condition: str) -> Index:
    return Index(name, column, sqlite_where=text(condition), postgresql_where=text(condition))


class OutboxMessage(Base):
    """One e-mail we owe somebody. The row is the promise; queues only carry its id."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        _index_of("ix_outbox_message_unsent", "next_at", UNSENT_SQL),
        _index_of("ix_outbox_message_silent", "accepted_at", SILENT_SQL),
        _index_of("ix_outbox_message_personal", "created_at", PERSONAL_SQL),
        _index_of("ix_outbox_message_discreet", "created_at", DISCREET_SQL),
        _index_of("ix_outbox_message_undelivered", "id", UNDELIVERED_SQL),
        {"sqlite_autoincrement": True},  # an id named in a provider's event is never given twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    template: Mapped[str] = mapped_column(String(120))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    to_address: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(200))
    case_id: Mapped[int | None] = mapped_column(index=True)
    link_id: Mapped[str | None] = mapped_column(String(100))
    category: Mapped[str] = mapped_column(String(40))
    statutory: Mapped[bool]
    state: Mapped[State] = mapped_column(_state_column(), default=State.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    vanished: Mapped[int] = mapped_column(default=0)  # how often a sending process stopped while holding it
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)  # while sending: the end of the lease
    give_up_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    provider_id: Mapped[str | None] = mapped_column(String(255))
    last_error: Mapped[str | None] = mapped_column(String(255))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeliveryEvent(Base):
    """What the provider reported, once per fact: it repeats itself, and its own event ids change on repeats."""

    __tablename__ = "delivery_event"
    __table_args__ = (UniqueConstraint("sg_message_id", "event", "timestamp", "outbox_id", name="uq_delivery_event"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sg_message_id: Mapped[str] = mapped_column(String(255))
    event: Mapped[str] = mapped_column(String(20))
    timestamp: Mapped[datetime] = mapped_column(UtcDateTime)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AddressFault(Base):
    """An address, in small letters, to which mail does not arrive; `message_id` is the message that shows it.

    With `holds`, no more mail leaves for it. `calls`: somebody has yet to be told. `case_id` takes care of it, or is
    None where nobody does, since nobody can be reached there. Once that case has decided, `upto` is the last message
    the decision is about, `send_to` and `send_name` say to whom they go now (None: to nobody), and `words` why.
    """

    __tablename__ = "address_fault"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    why: Mapped[State] = mapped_column(_state_column())
    holds: Mapped[bool]
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    message_id: Mapped[int]
    calls: Mapped[bool]
    case_id: Mapped[int | None] = mapped_column(index=True)
    upto: Mapped[int | None]
    send_to: Mapped[str | None] = mapped_column(String(254))
    send_name: Mapped[str | None] = mapped_column(String(200))
    words: Mapped[str | None] = mapped_column(Text)


class SendBudget(Base):
    """The token bucket, in its one row: the moment at which it will be full again says how much is left."""

    __tablename__ = "send_budget"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    full_at: Mapped[datetime] = mapped_column(UtcDateTime)
