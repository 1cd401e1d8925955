"""How the short form for everybody becomes the report of a suspected violation."""

from collections.abc import Mapping
from typing import Any

from processes.violation_review.process import process
from workflow_app.kit import Option

_HARM = {"none": "none", "stopped": "force", "force": "force", "harmed": "person"}


@process.tells(
    Option(value="V16", label="A search for private reasons, a favour or money"),
    Option(value="V15", label="Watching people for their religion, health, protest, press work or immigration status"),
    Option(value="V21", label="Somebody was punished for speaking up, or something was covered up"),
    Option(value="V14", label="A shared password or account"),
    Option(value="V10", label="Somebody used the system who may not"),
    Option(value="V17", label="Data given to another agency or person without a right"),
    Option(value="V20", label="Somebody acted on an alert that nobody had checked"),
    Option(value="V05", label="Another search without a police reason"),
    Option(value="V19", label="Data kept longer than allowed"),
)
def told(answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """A kind that nobody knows is found out by the investigation."""
    return {
        "violation_class": answers["kind"] or "V00",
        "what_happened": answers["what"],
        "harm": _HARM.get(answers["harm"], "unknown"),
        "happened_at": answers["at"],
        "person": answers["person"],
        "outside": answers["outside"],
        "chain": answers["chain"],
        "attachments": answers["attachments"],
    }
