"""Due moments and reminders, computed from the agency's profile."""

from datetime import datetime

from workflow_app.agency.ladders import Rung, climb
from workflow_app.agency.profile import Profile
from workflow_app.agency.spans import NotASpan, Span, Unit, describe, parse

__all__ = ["NotASpan", "Rung", "Span", "Unit", "describe", "due", "ladder", "parse"]


def due(profile: Profile, name: str, start: datetime, *, urgent: bool = False) -> datetime:
    """The UTC moment by which a step begun at `start` is to be done.

    Hours run round the clock; days end at the agency's closing time. `urgent` takes the shorter span where the
    profile has one. UnknownDeadline if the profile has no such name.
    """
    deadline = profile.deadline(name)
    span = deadline.urgent if urgent and deadline.urgent else deadline.usual
    return profile.calendar.shift(start, span)


def ladder(profile: Profile, name: str, opened: datetime, due: datetime) -> list[Rung]:
    """The reminders of a task as the profile itself sets them; see `ladders.climb`."""
    return climb(profile.calendar, profile.rungs(name), opened, due)
