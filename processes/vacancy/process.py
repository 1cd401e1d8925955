"""An office that decides must not stand empty: chief and board hear of it, once for each vacancy."""

from pathlib import Path

from workflow_app.kit import Process

process = Process(
    id="vacancy",
    prefix="VO",
    title="Vacant office",
    purpose="An office that decides has been vacant for too long.",
    serves=("R2",),
    lanes={"ALPR Casework": None},
    opened_by=(),
    folder=Path(__file__).parent,
)
