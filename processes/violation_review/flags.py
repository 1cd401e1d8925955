"""Findings of log checks: which of them are one case."""

from datetime import datetime

from workflow_app.agency.profile import Profile


def group_of(rule: str, person_id: int | None, at: datetime, profile: Profile) -> str:
    """The group of a finding, for `cases.grouping`: the rule, whom it is about, and the local month it happened in."""
    day = profile.calendar.local_date(at)
    return f"{rule}:{person_id or 'nobody'}:{day:%Y-%m}"
