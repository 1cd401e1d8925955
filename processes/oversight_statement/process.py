"""Once a year the external reviewer says in public how the programme protects people's privacy."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Process

process = Process(
    id="oversight_statement",
    prefix="YS",
    title="Yearly statement of the external reviewer",
    purpose="The external reviewer's statement about a year is written, answered and published.",
    serves=("R24", "R25"),
    lanes={
        "ALPR Casework": None,
        "External reviewer": Role.EXTERNAL_REVIEWER,
        "Chief executive": Role.CHIEF_EXECUTIVE,
    },
    opened_by=(),
    folder=Path(__file__).parent,
)
