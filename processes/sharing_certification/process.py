"""An agency certifies how it treats what it is given, before it is given anything, and again every year."""

from pathlib import Path

from workflow_app.access import Outside, Role
from workflow_app.kit import Process

process = Process(
    id="sharing_certification",
    prefix="SC",
    title="Sharing certification",
    purpose="Have an agency certify that it deletes what it is given and does not pass it on.",
    serves=("R14", "R15", "R16", "R34"),
    lanes={
        "ALPR Casework": None,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Records officer": Role.RECORDS_OFFICER,
        "Chief executive": Role.CHIEF_EXECUTIVE,
        "Partner agency": Outside.PARTNER_AGENCY,
    },
    opened_by=(Role.PROGRAMME_ADMINISTRATOR, Role.RECORDS_OFFICER),
    folder=Path(__file__).parent,
)
