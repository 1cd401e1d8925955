"""What is asked of the vendor, what it answers, and how the agency judges that."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.vendor_investigation.process import process
from workflow_app.kit import Form, Option, choice, declaration, files, long_text, number, text, yes_no

NO_PLATES = "Please leave out plates and names of private persons."


@process.opens_with
class Request(Form):
    """What the vendor is to look into."""

    device = text("Which reader?", "Its name, such as ALPR-17.", most=60, fact="Reader", reference=True)
    detection_id = text(
        "Vendor's detection id", "As the vendor's system shows it.", most=100, fact=True, reference=True
    )
    what = long_text("What looks wrong?", NO_PLATES)
    evidence = text(
        "Where is the evidence?", "A reference, such as an evidence number.", required=False, reference=True
    )


@process.form("send_pack")
class EvidencePack(Form):
    """What the vendor is sent."""

    questions = long_text("What should the vendor find out?", f"The vendor reads this as it stands. {NO_PLATES}")
    checked = declaration("It holds no plates and no names of private persons.")


@process.form("acknowledge")
class Acknowledgement(Form):
    """The vendor has the request and works on it."""

    name = text("Your name", autocomplete="name")
    ticket = text("Your ticket number", "If you have one.", required=False, most=100, reference=True)
    received = declaration("We have received this request and are looking into it.")


class Finding(Form):
    """What the vendor found out."""

    cause = choice(
        "What did you find?",
        (
            Option(value="fixed", label="A fault on our side, and we have fixed it"),
            Option(value="not_fixable", label="A fault on our side that we cannot fix"),
            Option(value="no_fault", label="No fault on our side"),
        ),
        required=False,
    )
    explanation = long_text("Please explain", f"What happened, why, and what you did about it. {NO_PLATES}")
    attachments = files("Files", "Optional: logs or images that show it.")
    name = text("Your name", autocomplete="name")


@process.form("first_answer")
class FirstAnswer(Finding):
    """The finding, or how far the vendor is."""

    class Meta(Form.Meta):
        fields = ("kind", "cause", "explanation", "attachments", "name")  # what it is, before what it says

    kind = choice(
        "Is this your finding?",
        (
            Option(value="finding", label="Yes, this is our finding"),
            Option(value="interim", label="No, this is how far we are", hint="You give the finding later."),
        ),
        routes=True,
    )

    @validates_schema
    def _a_finding_names_a_cause(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("kind") == "finding":
            _needs_a_cause(data)


@process.form("give_finding", "answer_again")
class LaterFinding(Finding):
    """The finding itself."""

    @validates_schema
    def _names_a_cause(self, data: dict[str, Any], **_kwargs: Any) -> None:
        _needs_a_cause(data)


@process.form("judge_finding")
class Judgement(Form):
    """Whether the agency accepts what the vendor found."""

    verdict = choice(
        "What do you make of it?",
        (
            Option(value="fixed", label="Accepted: their fault, and they say it is fixed", hint="You check the fix."),
            Option(value="not_fixable", label="Accepted: their fault, which cannot be fixed"),
            Option(value="no_fault", label="Accepted: no fault of theirs"),
            Option(value="contest", label="Contested", hint="The vendor is asked again, with your reasons."),
        ),
        routes=True,
    )
    reasons = long_text("Reasons", f"The vendor reads them if you contest. {NO_PLATES}")
    image_reference = text(
        "Image that shows it", "Needed if you contest: an evidence number.", required=False, reference=True
    )

    @validates_schema
    def _contesting_takes_an_image(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("verdict") == "contest" and not data.get("image_reference"):
            raise ValidationError("Please name the image that shows it.", "image_reference")


@process.form("verify_fix")
class Verification(Form):
    """How the fix did on samples."""

    tested = number("How many samples did you test?", least=1, most=100_000)
    wrong = number("How many of them were wrong?", most=100_000)
    fixed = yes_no("Is the fault fixed?", routes=True)
    remarks = long_text("What did you test, and what did you see?", f"If not fixed, the vendor reads it. {NO_PLATES}")

    @validates_schema
    def _wrong_samples_were_tested(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("wrong", 0) > data.get("tested", 0):
            raise ValidationError("More samples were wrong than were tested.", "wrong")


@process.form("decide_without_finding")
class WithoutFinding(Form):
    """What to do about a vendor that stays silent."""

    go_on = choice(
        "What do you decide?",
        (
            Option(value="wait", label="Ask once more and keep waiting"),
            Option(value="close", label="Close without a finding"),
        ),
        routes=True,
    )
    reasons = long_text("Reasons", "They stay on record.")


def _needs_a_cause(data: dict[str, Any]) -> None:
    if not data.get("cause"):
        raise ValidationError("Please say what you found.", "cause")
