"""A deadline or number of the agency's profile is changed: proposed with its source, decided by the chief executive."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Process

process = Process(
    id="profile_change",
    prefix="PC",
    title="Change of a deadline or number",
    purpose="Propose another value for a deadline or number of the agency's profile.",
    serves=("R2",),
    lanes={"ALPR Casework": None, "Chief executive": Role.CHIEF_EXECUTIVE},
    opened_by=(Role.PROGRAMME_ADMINISTRATOR,),
    folder=Path(__file__).parent,
)
