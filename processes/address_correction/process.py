"""An e-mail did not reach its address: somebody puts the address right, and what was missed is sent again."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Process

process = Process(
    id="address_correction",
    prefix="AC",
    title="Address correction",
    purpose="Put right an address that e-mail does not reach, and send again what was missed.",
    serves=("R44",),
    lanes={"ALPR Casework": None, "Programme administrator": Role.PROGRAMME_ADMINISTRATOR},
    opened_by=(),
    folder=Path(__file__).parent,
)
