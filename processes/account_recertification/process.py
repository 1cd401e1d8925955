"""Access is looked at again: every year, when it is not used, and when somebody leaves or moves."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="account_recertification",
    prefix="RC",
    title="Account recertification",
    purpose="Say that somebody has left or moved, so that their access to the ALPR system ends.",
    serves=("R6", "R8", "R27"),
    lanes={
        "ALPR Casework": None,
        "Person concerned": Role.STAFF,
        "Supervisor": Role.SUPERVISOR,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
    },
    opened_by=(
        Role.SUPERVISOR,
        Role.PROGRAMME_ADMINISTRATOR,
        Role.SECURITY_OFFICER,
        Role.CHIEF_EXECUTIVE,
        Role.DEPUTY_CHIEF,
    ),
    folder=Path(__file__).parent,
    open_to=Part.REPORTER | Part.SUBJECT,
    closed_to=Part(0),
)
