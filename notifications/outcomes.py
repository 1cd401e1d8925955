"""What one attempt to send can come to, and how long to wait before the next."""

import random
from dataclasses import dataclass
from datetime import timedelta

from notifications.models import State

_chance = random.SystemRandom()


@dataclass(frozen=True)
class Accepted:
    """The provider took responsibility for the message."""

    provider_id: str | None = None


@dataclass(frozen=True)
class Refused:
    """This message will never be accepted as it is; `reason` is a sentence without personal data.

    `address`: it is the address that was refused, which says as much as a message that came back.
    """

    reason: str
    address: bool = False


@dataclass(frozen=True)
class Retry:
    """Certainly not accepted, but it may be later; `retry_after` is the provider's own wish."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class InDoubt:
    """Perhaps accepted: the message left the house and no answer came back."""

    reason: str


Outcome = Accepted | Refused | Retry | InDoubt


@dataclass(frozen=True)
class Settled:
    """The state a message reached. `became_dead`: it has just failed for good, somebody must look."""

    state: State
    became_dead: bool = False


def backoff(attempts: int) -> timedelta:
    """Doubling from two seconds to an hour, spread so that messages which failed together do not return together."""
    return timedelta(seconds=min(3600.0, 2.0 ** min(attempts, 12)) * _chance.uniform(0.5, 1.5))
