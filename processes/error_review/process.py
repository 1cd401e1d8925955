"""A suspected error in licence-plate-reader data is reviewed, decided, corrected, and everybody concerned is told."""

from pathlib import Path

from workflow_app.access import ALLOWED, Action, Role
from workflow_app.kit import Option, Process

process = Process(
    id="error_review",
    prefix="ER",
    title="Error review",
    purpose="Report data that looks wrong: a misread plate, a stale hot-list entry, a wrong time or place.",
    serves=("R24", "R26", "R42"),
    lanes={
        "ALPR Casework": None,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Chief executive": Role.CHIEF_EXECUTIVE,
        "Deputy chief": Role.DEPUTY_CHIEF,
        "External reviewer": Role.EXTERNAL_REVIEWER,
    },
    opened_by=ALLOWED[Action.OPEN_CASE],
    folder=Path(__file__).parent,
    reports=True,
    in_plain_words=Option(
        value="error_review",
        label="A reader or its data was wrong",
        hint="Such as a misread plate, a wrong match, or a stop without cause.",
    ),
    leads_to=("violation_review", "breach_notification"),
    severities={
        "S1": "force was used or somebody was arrested",
        "S2": "somebody was stopped or detained",
        "S3": "somebody was delayed, or property was taken or damaged",
        "S4": "nobody was affected",
    },
)
