"""A security incident is scoped, its legal clocks are set, and whoever has to be told is told (R45)."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="breach_notification",
    prefix="BN",
    title="Breach notification",
    purpose="Report a security incident: somebody may have had data of the programme without a right to them.",
    serves=("R45",),
    lanes={
        "ALPR Casework": None,
        "Security officer": Role.SECURITY_OFFICER,
        "Counsel": Role.COUNSEL,
        "Chief executive": Role.CHIEF_EXECUTIVE,
        "Records officer": Role.RECORDS_OFFICER,
    },
    opened_by=(Role.SECURITY_OFFICER, Role.PROGRAMME_ADMINISTRATOR),
    folder=Path(__file__).parent,
    reports=True,
    severities={"S1": "live licence-plate data may be exposed", "S2": "data may be exposed"},
    closed_to=Part.SUBJECT | Part.KEPT_OUT,
)
