"""Access to the ALPR system for one person: endorsed, trained, verified, decided by the chief executive, signed."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="account_approval",
    prefix="AA",
    title="Account approval",
    purpose="Ask for access to the ALPR system for one named person.",
    serves=("R5", "R6", "R7", "R10", "R18", "R27"),
    lanes={
        "ALPR Casework": None,
        "Person concerned": Role.STAFF,
        "Supervisor": Role.SUPERVISOR,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Chief executive": Role.CHIEF_EXECUTIVE,
    },
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent,
    open_to=Part.REPORTER | Part.SUBJECT,
    closed_to=Part(0),
)
