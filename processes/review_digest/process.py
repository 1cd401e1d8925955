"""Each week the external reviewer reads of the cases of which they had no copy at once."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Process

process = Process(
    id="review_digest",
    prefix="WL",
    title="Weekly list for the external reviewer",
    purpose="The external reviewer reads the less grave errors and violations of a week.",
    serves=("R24", "R25"),
    lanes={"ALPR Casework": None, "External reviewer": Role.EXTERNAL_REVIEWER},
    opened_by=(),
    folder=Path(__file__).parent,
)
