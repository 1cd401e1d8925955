"""The installation that an application context belongs to: its settings, profile, processes and bell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from workflow_app.agency.profile import Profile
from workflow_app.kit import Registry
from workflow_app.settings import Settings

Ring = Callable[[str, str], bool]
"""ring(job, id) wakes a worker; False when nobody could be woken. What it names stands in the database."""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What the verbs need to know of the house they run in."""

    settings: Settings
    profile: Profile
    registry: Registry
    ring: Ring


def here() -> Installation:
    """The installation of the current application context."""
    found: Installation = current_app.extensions["alpr"]
    return found
