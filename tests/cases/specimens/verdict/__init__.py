"""A personal decision that the reporter may not take."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Form, Process, text

process = Process(
    id="verdict",
    prefix="VE",
    title="Verdict",
    purpose="Have something decided by somebody else.",
    serves=(),
    lanes={"Programme administrator": Role.PROGRAMME_ADMINISTRATOR},
    opened_by=(Role.STAFF, Role.AUDITOR),
    folder=Path(__file__).parent,
)


@process.form("decide")
class Decide(Form):
    """The decision."""

    reasons = text("Reasons")
