"""Each week somebody looks at what the record of the week before shows, and signs what they found, if only nothing."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="audit_review",
    prefix="AR",
    title="Review of the record",
    purpose="The record of a week is looked at by the auditor.",
    serves=("R11", "R33"),
    lanes={
        "Auditor": Role.AUDITOR,
        "ALPR Casework": None,
        "Security officer": Role.SECURITY_OFFICER,
        "Chief executive": Role.CHIEF_EXECUTIVE,
    },
    opened_by=(),
    folder=Path(__file__).parent,
    closed_to=Part.SUBJECT | Part.KEPT_OUT,
)
