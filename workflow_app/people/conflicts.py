"""Who is out of a case about somebody, beside that person (conflict rule)."""

from __future__ import annotations

from workflow_app.access import Role
from workflow_app.kit import Part
from workflow_app.people.queries import members, person

ABOVE = (Role.CHIEF_EXECUTIVE, Role.PROGRAMME_ADMINISTRATOR)
"""Offices whose holders are kept out of a case about any of them."""


def concerned(subject: int) -> dict[int, Part]:
    """Parts by a person's id: whom it is about, who leads them, and who stands too close.

    A case about the chief executive or the administrator is hidden from both of them.
    """
    led_by = person(subject).supervisor_id
    found = {led_by: Part.SUPERVISOR} if led_by else {}
    if person(subject).role_set & set(ABOVE):
        for each in (someone.id for role in ABOVE for someone in members(role)):
            found[each] = found.get(each, Part.KEPT_OUT) | Part.KEPT_OUT
    return {**found, subject: Part.SUBJECT}
