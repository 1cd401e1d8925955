"""How the short form for everybody becomes the report of a suspected error."""

from collections.abc import Mapping
from typing import Any

from processes.error_review.process import process
from processes.error_review.taxonomy import NOT_SAID
from workflow_app.kit import Option

_HARM = {"none": "none", "stopped": "stop", "force": "force", "harmed": "property"}


@process.tells(
    Option(value="E01", label="A plate was read wrongly"),
    Option(value="E04", label="A car was still listed as stolen or wanted, and should not have been"),
    Option(value="E13", label="Somebody was stopped without anybody checking the alert first"),
    Option(value="E08", label="A wrong place or time"),
    Option(value="E09", label="The wrong car: another make, model or colour"),
    Option(value="E12", label="An alert reached the wrong people"),
)
def told(answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a stranger cannot know is written down as not said. The alert is taken to be active until triage knows."""
    return {
        "error_class": answers["kind"] or "E00",
        "what_happened": answers["what"],
        "harm": _HARM.get(answers["harm"], "unknown"),
        "live": True,
        "device": NOT_SAID,
        "happened_at": answers["at"],
        "detection_id": NOT_SAID,
        "attachments": answers["attachments"],
    }
