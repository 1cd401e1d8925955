"""An office begins when whoever is named for it has accepted it, and ends on its day or by hand."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="appointment",
    prefix="AP",
    title="Appointment to an office",
    purpose="Name somebody for an office of the programme, or end an office that somebody holds.",
    serves=("R2", "R24"),
    lanes={"ALPR Casework": None, "Person named": Role.STAFF},
    opened_by=(Role.CHIEF_EXECUTIVE, Role.OVERSIGHT_BOARD),
    folder=Path(__file__).parent,
    open_to=Part.REPORTER | Part.SUBJECT,
    closed_to=Part(0),
)
