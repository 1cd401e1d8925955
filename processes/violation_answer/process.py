"""Somebody answers an allegation, or appeals against a decision, without sight of the case it belongs to."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="violation_answer",
    prefix="VA",
    title="Answer to an allegation",
    purpose="Answer what is alleged about you, or appeal against what was decided.",
    serves=("R24", "R25"),
    lanes={"ALPR Casework": None, "Person concerned": Role.INTERNAL_AFFAIRS},
    opened_by=(),
    folder=Path(__file__).parent,
    open_to=Part.SUBJECT,
    closed_to=Part(0),
)
