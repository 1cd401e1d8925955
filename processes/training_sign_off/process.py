"""Training on the ALPR policy: taken, tested, signed off with a certificate, renewed before it runs out."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Part, Process

process = Process(
    id="training_sign_off",
    prefix="TS",
    title="Training sign-off",
    purpose="Take the course on the ALPR policy, pass the test and get a certificate.",
    serves=("R18", "R19", "R20", "R21", "R22", "R23"),
    lanes={
        "ALPR Casework": None,
        "Person concerned": Role.STAFF,
        "Training coordinator": Role.TRAINING_COORDINATOR,
        "Programme administrator": Role.PROGRAMME_ADMINISTRATOR,
    },
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent,
    open_to=Part.REPORTER | Part.SUBJECT,
    closed_to=Part(0),
)
