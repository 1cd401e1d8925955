"""A partner agency is told that data it holds is wrong, and is asked until it has corrected or deleted it."""

from pathlib import Path

from workflow_app.access import Outside, Role
from workflow_app.kit import Process

process = Process(
    id="erroneous_data_notice",
    prefix="EN",
    title="Notice of erroneous data",
    purpose="Tell one agency that data we shared is wrong, and get its confirmation.",
    serves=("R44",),
    lanes={
        "ALPR Casework": None,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Partner agency": Outside.PARTNER_AGENCY,
    },
    opened_by=(Role.PROGRAMME_ADMINISTRATOR,),
    folder=Path(__file__).parent,
)
