"""A partner wants to pass on what it was given, or to use it otherwise: only with the chief's written approval."""

from pathlib import Path

from workflow_app.access import Outside, Role
from workflow_app.kit import Process

process = Process(
    id="onward_use",
    prefix="OU",
    title="Onward use",
    purpose="Let a partner ask whether it may pass data on, or use them for something else.",
    serves=("R16",),
    lanes={
        "Partner agency": Outside.PARTNER_AGENCY,
        "ALPR Casework": None,
        "Chief executive": Role.CHIEF_EXECUTIVE,
    },
    opened_by=(Role.PROGRAMME_ADMINISTRATOR, Role.RECORDS_OFFICER),
    folder=Path(__file__).parent,
)
