"""What people fill in while an error is reviewed: the report, triage, test, correction and who is told."""

import re
from typing import Any

from marshmallow import ValidationError, validates, validates_schema

from processes.error_review.process import process
from processes.error_review.taxonomy import ERROR_OPTIONS, HARM_OPTIONS, IMAGE_OPTIONS, SOURCE_OPTIONS
from workflow_app.errors import Invalid
from workflow_app.kit import (
    Form,
    Option,
    choice,
    choices,
    date_time,
    declaration,
    files,
    long_text,
    plate,
    text,
    yes_no,
)
from workflow_app.registers import agencies

NO_PLATES = "Please leave out plates and names of private persons."
IF_KNOWN = "If you have it at hand"
SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@process.opens_with
class Report(Form):
    """What somebody noticed."""

    error_class = choice("What kind of error is it?", ERROR_OPTIONS, "Choose the closest one.", fact="Kind of error")
    what_happened = long_text("What happened?", f"In your own words. {NO_PLATES}")
    harm = choice("What was the worst that happened to anybody?", HARM_OPTIONS, routes=True, fact="Harm")
    live = yes_no("Is an alert based on this data still active?", "If so, others may still act on it.", routes=True)
    device = text("Which reader?", "Its name, such as ALPR-17.", most=60, fact="Reader", reference=True)
    happened_at = date_time("When did it happen?", future=False, fact="Happened")
    detection_id = text(
        "Vendor's detection id", "As the vendor's system shows it.", most=100, fact=True, reference=True
    )
    read_plate = plate(
        "Plate as it was read", "Only a keyed code and the last two characters are kept.", group=IF_KNOWN
    )
    true_plate = plate("Plate as it really is", "Kept in the same way.", group=IF_KNOWN)
    hot_list = text(
        "Hot list",
        "The list that raised the alert, if one did.",
        required=False,
        most=100,
        fact=True,
        group=IF_KNOWN,
        reference=True,
    )
    evidence = text(
        "Where is the evidence?", "Such as an evidence number.", required=False, group=IF_KNOWN, reference=True
    )
    evidence_sha256 = text(
        "Checksum of the evidence (SHA-256)", "64 characters.", required=False, group=IF_KNOWN, reference=True
    )
    attachments = files("Files", "They are encrypted, and purged some time after the case closes.", group=IF_KNOWN)

    @validates_schema
    def _checksum_is_one(self, data: dict[str, Any], **_kwargs: Any) -> None:
        checksum = data.get("evidence_sha256")
        if checksum and not SHA256.fullmatch(checksum):
            raise ValidationError("A checksum has 64 characters, 0 to 9 and a to f.", "evidence_sha256")


@process.form("triage")
class Triage(Form):
    """Whether the report has to be tested."""

    route = choice(
        "What should happen with this report?",
        (
            Option(value="test", label="Test it", hint="The data may be wrong."),
            Option(value="duplicate", label="It was reported before", hint="Goes straight to the decision."),
            Option(value="not_alpr", label="It is not about reader data", hint="Goes straight to the decision."),
        ),
        routes=True,
    )
    duplicate_of = text(
        "Case in which it was reported before", "Such as ER-2026-000187.", required=False, most=40, reference=True
    )
    remarks = long_text("Remarks", f"For those who test and decide. {NO_PLATES}", required=False)

    @validates_schema
    def _duplicate_names_its_case(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("route") == "duplicate" and not data.get("duplicate_of"):
            raise ValidationError("Please name the case in which it was reported before.", "duplicate_of")


@process.form("test_read")
class Test(Form):
    """What the image and the source list show."""

    against_image = choice("What does the image show?", IMAGE_OPTIONS)
    against_source = choice("What does the source list show?", SOURCE_OPTIONS)
    finding = long_text("What did you find?", f"What you compared, and with what result. {NO_PLATES}")


WHERE_OPTIONS = (
    Option(value="vendor", label="The vendor's system"),
    Option(value="hot_list", label="The hot list"),
    Option(value="records", label="Our own records"),
    Option(value="device", label="The reader itself"),
)


@process.form("correct")
class Correction(Form):
    """What was put right, and what other agencies are told about it."""

    where = choices("Where was it corrected?", WHERE_OPTIONS)
    what = long_text("What was corrected?", f"From what, to what, and by whom. {NO_PLATES}")
    reference = text("Reference of the change", "A ticket, log entry or confirmation number.", most=100, reference=True)
    corrected_at = date_time("When was it corrected?", future=False)
    what_was_wrong = text(
        "What was wrong, in one sentence for other agencies",
        "Such as: one character of the plate was misread. No plate, no names.",
        most=300,
    )
    what_to_do = choice(
        "What should other agencies do with their copy?",
        (
            Option(value="correct", label="Correct it"),
            Option(value="delete", label="Delete it"),
        ),
    )


class Recipients(Form):
    """Agencies that are told beside those that were found."""

    added = long_text("Add other agencies", "One name a line, as in the register of agencies.", required=False)

    @validates("added")
    def _are_in_the_register(self, value: str | None, **_kwargs: Any) -> None:
        for name in lines(value):
            try:
                agencies.named(name)
            except Invalid as error:
                raise ValidationError([f"{name}: {sentence}" for sentence in error.fields["agency"]]) from error


@process.form("confirm_recipients")
class ConfirmRecipients(Recipients):
    """The list of agencies to tell, as it was found; leaving one out takes a reason."""

    left_out = choices(
        "Leave somebody out (tick only who is NOT told)",
        (),
        "Every agency found is told, unless you tick it here. To leave out takes a reason.",
        required=False,
        select_all=False,
    )
    reason = long_text("Why are they left out?", "Needed if you leave anybody out.", required=False)
    checked = declaration("I have checked who is told.")

    @validates_schema
    def _leaving_out_takes_a_reason(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("left_out") and not data.get("reason"):
            raise ValidationError("Please say why these agencies are not told.", "reason")


@process.form("confirm_nobody")
class ConfirmNobody(Recipients):
    """Nobody was found who holds the data; that nobody is told takes a reason."""

    reason = long_text("Why does nobody else have to be told?", "Such as: the record was never shared.")


def lines(text: str | None) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
