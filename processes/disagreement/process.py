"""The external reviewer disagrees with how a violation was decided, and the agency has to answer within days."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="disagreement",
    prefix="DA",
    title="Answer to a disagreement",
    purpose="The external reviewer disagrees with a decision. The agency answers, and both stay on record.",
    serves=("R25",),
    lanes={
        "ALPR Casework": None,
        "Chief executive": Role.CHIEF_EXECUTIVE,
        "Oversight board": Role.OVERSIGHT_BOARD,
    },
    opened_by=(),
    folder=Path(__file__).parent,
    open_to=Part(0),
    closed_to=Part.SUBJECT | Part.KEPT_OUT,
)
