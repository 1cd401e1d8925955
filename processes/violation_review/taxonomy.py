"""Kinds of violations V01 to V22, and what can have come of them."""

from workflow_app.kit import Option

_KINDS = {
    "V16": "Personal use, stalking, a favour or sale",
    "V15": "Search aimed at a protected subject: immigration, health care, protest, religion, press",
    "V21": "Retaliation, concealment or tampering with logs",
    "V10": "Search by somebody not authorised, suspended or not trained",
    "V12": "The same plate searched again and again without a case",
    "V14": "Shared or generic user id",
    "V17": "Data shared without a valid certificate or outside its class",
    "V20": "Action on an alert that was not verified",
    "V05": "Purpose that is not permitted",
    "V06": "Search that the vendor's own check blocked or warned of",
    "V11": "Use that was not declared, or not as declared",
    "V18": "Download outside the designated place, or without a purpose",
    "V19": "Data kept longer than allowed",
    "V22": "Reader moved or added without notice or approval",
    "V01": "No case number",
    "V02": "Malformed case number",
    "V03": "No reason given",
    "V04": "Vague reason",
    "V07": "Training or test search on live data",
    "V08": "Scope out of proportion to the purpose",
    "V09": "Look-back beyond what the policy keeps",
    "V13": "Session at unusual hours",
    "V00": "Not known yet: the investigation finds out",
}
"""The gravest first, as the form lists them."""

KIND_OPTIONS = tuple(Option(value=code, label=f"{words} ({code})") for code, words in _KINDS.items())
HARM_OPTIONS = (
    Option(value="force", label="Somebody was stopped, detained or met with force"),
    Option(value="person", label="Somebody was followed, threatened, exposed or harmed otherwise"),
    Option(value="none", label="No harm to a person is known"),
    Option(value="unknown", label="Not known yet"),
)


def kind_of(code: object) -> str:
    """The kind in words; a code nobody knows stands for itself."""
    return _KINDS.get(str(code), str(code))


def harm_of(code: object) -> str:
    """The harm in words."""
    return next((option.label for option in HARM_OPTIONS if option.value == code), "")
