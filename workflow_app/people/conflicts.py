"""Who is out of a case about somebody, beside that person (conflict rule)."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_app.access import Role
from workflow_app.kit import Part
from workflow_app.kit.parts import NOBODY
from workflow_app.people.queries import members, person

ABOVE = (Role.CHIEF_EXECUTIVE, Role.PROGRAMME_ADMINISTRATOR)
"""Offices whose holders are kept out of a case about any of them."""


def kept_out() -> dict[int, Part]:
    """The chief executive and the administrator, whoever holds the offices now, as those who are kept out."""
    return {someone.id: Part.KEPT_OUT for role in ABOVE for someone in members(role)}


def above(person_id: int) -> dict[int, Part]:
    """Everybody who leads this person, and who leads them in turn, as those who are kept out."""
    found: dict[int, Part] = {}
    led_by = person(person_id).supervisor_id
    while led_by and led_by not in {person_id, *found}:
        found[led_by] = Part.KEPT_OUT
        led_by = person(led_by).supervisor_id
    return found


def concerned(subject: int) -> dict[int, Part]:
    """Parts by a person's id: whom it is about, who leads them, and who stands too close.

    A case about the chief executive or the administrator is hidden from both of them.
    """
    led_by = person(subject).supervisor_id
    found = {led_by: Part.SUPERVISOR} if led_by else {}
    if person(subject).role_set & set(ABOVE):
        for each in kept_out():
            found[each] = found.get(each, Part.KEPT_OUT) | Part.KEPT_OUT
    return {**found, subject: Part.SUBJECT}


def together(one: Mapping[int, Part], other: Mapping[int, Part]) -> dict[int, Part]:
    """The parts of both, by a person's id."""
    return {**one, **{person_id: one.get(person_id, NOBODY) | part for person_id, part in other.items()}}
