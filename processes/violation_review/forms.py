"""What people fill in until a violation is decided: the report, interim measures, the investigation."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.violation_review.process import process
from processes.violation_review.taxonomy import HARM_OPTIONS, KIND_OPTIONS
from workflow_app.kit import Form, Option, choice, date_time, declaration, files, long_text, text, yes_no

NO_PLATES = "Please leave out plates and names of private persons."
IF_KNOWN = "If you know it"


@process.opens_with
class Report(Form):
    """What somebody noticed, or a check of the logs found."""

    violation_class = choice("What is it about?", KIND_OPTIONS, "Choose the closest one.", routes=True, fact="Kind")
    what_happened = long_text("What happened?", f"In your own words. {NO_PLATES}")
    harm = choice("What came of it?", HARM_OPTIONS, routes=True, fact="Harm")
    happened_at = date_time("When did it happen?", "The first time, if more than once.", future=False, fact="Happened")
    person = choice(
        "Whom is it about?", (), "This person cannot see the case.", required=False, routes=True, group=IF_KNOWN
    )
    outside = yes_no(
        "Should the chief executive and the ALPR administrator be kept out?",
        "Yes where it is about one of them. Neither sees the case then; the external reviewer and the board are told.",
        required=False,
        routes=True,
        group=IF_KNOWN,
    )
    chain = yes_no(
        "Should those who lead you be kept out?",
        "Neither they, nor the chief executive and the ALPR administrator see the case then.",
        required=False,
        group=IF_KNOWN,
    )
    aggravated = yes_no(
        "Is it one of the graver forms?",
        "No case number in more than a tenth of a user's searches in a month (V01), or data kept more than seven days "
        "too long (V19).",
        required=False,
        routes=True,
        group=IF_KNOWN,
    )
    evidence = text(
        "Where is the evidence?", "Such as an entry of the vendor's audit log.", required=False, group=IF_KNOWN,
        reference=True,
    )  # fmt: skip
    related = text("Case that it came up in", "Such as ER-2026-000187.", required=False, most=40, group=IF_KNOWN)
    attachments = files("Files", "They are encrypted, and purged some time after the case closes.", group=IF_KNOWN)


@process.form("identify")
class Identify(Form):
    """Whom it is about, where the report does not say."""

    person = choice("Whom is it about?", (), "Leave it open if nobody can be named.", required=False)
    how = long_text("How do you know, or what did you try?")


@process.form("confirm_suspended", "suspend_access")
class Suspended(Form):
    """The access is switched off in the vendor's system too."""

    done = declaration("This person can no longer sign in to the vendor's system, or has no access there.")
    proof = text("How can this be seen?", "Such as the vendor's change number.", reference=True)


@process.form("refer")
class Refer(Form):
    """The gravest cases leave the programme the same day."""

    referred_to = text("To whom was it referred?", "Such as internal affairs, counsel, the district attorney.")
    reference = text("Their reference", required=False, reference=True)
    criminal = yes_no("May it be a crime?")


@process.form("consider")
class Consider(Form):
    """Whether the access is suspended until it is decided."""

    suspend = yes_no("Should this person's access be suspended until it is decided?", routes=True)
    reasons = long_text("Reasons")


@process.form("assign", "assign_outside")
class Assign(Form):
    """Who investigates."""

    investigator = choice(
        "Who investigates?", (), "Nobody who reported it, whom it is about, or who leads that person."
    )
    remarks = long_text("Remarks for the investigator", required=False)


@process.form("allege")
class Allege(Form):
    """What the person is told, before they answer."""

    allegation = long_text(
        "What is alleged, in words that the person will read?",
        f"What is said to have happened, and when. Nothing that shows who reported it. {NO_PLATES}",
    )
    unnamed = declaration("Nothing in these words shows who reported it.")


FINDINGS = (
    Option(value="sustained", label="It happened, and it is a violation"),
    Option(value="not_sustained", label="It cannot be shown"),
    Option(value="unfounded", label="It did not happen, or is no violation"),
)

_OTHERWISE = "If the report did not say, or was wrong. How severe it is follows from what was found."


@process.form("investigate")
class Investigate(Form):
    """What the investigation found."""

    finding = choice("What did you find?", FINDINGS)
    kind = choice("What kind is it?", KIND_OPTIONS, _OTHERWISE, required=False)
    harm = choice("What came of it?", HARM_OPTIONS, _OTHERWISE, required=False)
    summary = long_text(
        "What do you rest it on?", f"Evidence, the person's answer, what speaks against it. {NO_PLATES}"
    )


@process.form("watch")
class Watch(Form):
    """Where criminal proceedings stand, while the agency's own decision waits."""

    over = yes_no("Are the proceedings over?", "If not, you are asked again in a month.", routes=True)
    standing = long_text("Where do they stand?", NO_PLATES)


@process.form("review_decision")
class Review(Form):
    """What the external reviewer thinks of the decision in a grave case."""

    view = choice(
        "What do you think of the decision?",
        (
            Option(value="agree", label="I agree"),
            Option(value="comment", label="I have a comment", hint="It is recorded."),
            Option(value="disagree", label="I disagree", hint="It has to be answered, and stays on record."),
        ),
        routes=True,
    )
    statement = long_text("Your statement", "Needed unless you agree. It stays on record.", required=False)

    @validates_schema
    def _is_explained(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("view") in {"comment", "disagree"} and not data.get("statement"):
            raise ValidationError("Please write down what you think.", "statement")


@process.form("answer_reviewer")
class AnswerReviewer(Form):
    """The answer to the external reviewer's disagreement. Both stay on record."""

    answer = long_text("Your answer to the external reviewer")
