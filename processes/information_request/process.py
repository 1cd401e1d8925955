"""The external reviewer asks for information about a case, and the agency answers within days."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Process

process = Process(
    id="information_request",
    prefix="IR",
    title="Request for information",
    purpose="Ask the agency for information about a case. It has to answer, and request and answer stay on record.",
    serves=("R24", "R25"),
    lanes={
        "ALPR Casework": None,
        "External reviewer": Role.EXTERNAL_REVIEWER,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Internal affairs": Role.INTERNAL_AFFAIRS,
    },
    opened_by=(Role.EXTERNAL_REVIEWER,),
    folder=Path(__file__).parent,
    about_any=True,
)
