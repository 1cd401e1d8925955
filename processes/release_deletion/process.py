"""What was released to an agency is deleted there by the day it has certified, and the agency says so."""

from pathlib import Path

from workflow_app.access import Outside, Role
from workflow_app.kit import Process

process = Process(
    id="release_deletion",
    prefix="RD",
    title="Confirmation of deletion",
    purpose="Have an agency confirm that it has deleted what it was given.",
    serves=("R15", "R34"),
    lanes={
        "ALPR Casework": None,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Partner agency": Outside.PARTNER_AGENCY,
    },
    opened_by=(),
    folder=Path(__file__).parent,
)
