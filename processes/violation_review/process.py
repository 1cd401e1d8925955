"""A suspected violation of the policy is rated, stopped, investigated, heard, decided, and sanctioned."""

from pathlib import Path

from workflow_app.access import ALLOWED, Action, Role
from workflow_app.kit import Option, Part, Process

process = Process(
    id="violation_review",
    prefix="VR",
    title="Violation review",
    purpose="Report that somebody may have broken the ALPR policy: misuse, a shared password, a missing case number.",
    serves=("R10", "R11", "R24", "R25", "R26"),
    lanes={
        "ALPR Casework": None,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
        "Internal affairs": Role.INTERNAL_AFFAIRS,
        "Chief executive": Role.CHIEF_EXECUTIVE,
        "Oversight board": Role.OVERSIGHT_BOARD,
        "External reviewer": Role.EXTERNAL_REVIEWER,
    },
    opened_by=ALLOWED[Action.OPEN_CASE],
    folder=Path(__file__).parent,
    reports=True,
    in_plain_words=Option(
        value="violation_review",
        label="Somebody misused the system or broke its rules",
        hint="Such as a private search, a shared password, or data given away.",
    ),
    past_chain="chain",
    identity_for=Role.INTERNAL_AFFAIRS,
    leads_to=("breach_notification",),
    severities={
        "S1": "harm to a person, a crime, or a cover-up",
        "S2": "access or sharing without a right",
        "S3": "the policy was broken, no harm is known",
        "S4": "a defect of record-keeping",
    },
    closed_to=Part.SUBJECT | Part.KEPT_OUT,
)
