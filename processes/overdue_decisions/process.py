"""Each week the deputy and the board hear which decisions of the chief executive are overdue."""

from pathlib import Path

from workflow_app.kit import Process

process = Process(
    id="overdue_decisions",
    prefix="OD",
    title="Overdue decisions",
    purpose="Decisions of the chief executive are overdue.",
    serves=("R2", "R5"),
    lanes={"ALPR Casework": None},
    opened_by=(),
    folder=Path(__file__).parent,
)
