"""The vendor is asked to find out why its system was wrong, and its answer is judged and checked."""

from pathlib import Path

from workflow_app.access import Outside, Role
from workflow_app.kit import Process

process = Process(
    id="vendor_investigation",
    prefix="VI",
    title="Vendor investigation",
    purpose="Ask the vendor to investigate an error, judge its answer, and check that a fix works.",
    serves=("R43",),
    lanes={
        "ALPR Casework": None,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Vendor": Outside.VENDOR,
        "Chief executive": Role.CHIEF_EXECUTIVE,
    },
    opened_by=(Role.PROGRAMME_ADMINISTRATOR,),
    folder=Path(__file__).parent,
)
