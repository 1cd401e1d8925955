"""The forms of the notice itself: its text, review and approval, what goes to whom, updates, and the end."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.breach_notification.process import process
from workflow_app.kit import Form, Option, choice, date_time, day, files, long_text, number, text

HEADINGS = {
    "what_happened": "What Happened",
    "what_information": "What Information Was Involved",
    "what_we_are_doing": "What We Are Doing",
    "what_you_can_do": "What You Can Do",
    "more_information": "For More Information",
}
"""The five headings of a notice, to the letter (Cal. Civ. Code 1798.29(d)(1))."""
PLAIN = "Short sentences, everyday words."


@process.form("draft")
class NoticeText(Form):
    """The notice as the public will read it, under the title "Notice of Data Breach"."""

    what_happened = long_text(HEADINGS["what_happened"], f"{PLAIN} No plates, no names of private persons.")
    dates = text("Date of the breach", "Or the range of dates, or the best estimate: between 3 and 9 November 2026.")
    what_information = long_text(HEADINGS["what_information"], "Which kinds of data, about whom.")
    what_we_are_doing = long_text(HEADINGS["what_we_are_doing"])
    what_you_can_do = long_text(HEADINGS["what_you_can_do"])
    more_information = long_text(HEADINGS["more_information"], "Where to ask, and what else there is to read.")
    contact = long_text("Contact", "The office to write to or to call: name, address, telephone, e-mail.")
    changed = long_text("What has changed since the last version?", "Needed for a correction only.", required=False)


@process.form("review")
class Review(Form):
    """Counsel's word on the text."""

    outcome = choice(
        "Is the notice fit to be published?",
        (Option(value="on", label="Yes, on to approval"), Option(value="back", label="No, back to be changed")),
        routes=True,
    )
    remarks = long_text("Remarks", "Needed if it goes back.", required=False)

    @validates_schema
    def _back_with_a_reason(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("outcome") == "back" and not data.get("remarks"):
            raise ValidationError("Please say what has to change.", "remarks")


@process.form("approve", "approve_update")
class Approval(Form):
    """Nothing is published without this, and exactly this text is."""

    outcome = choice(
        "Do you approve this text for publication?",
        (
            Option(value="approve", label="Yes, publish it", hint="It is public at once, and stays so."),
            Option(value="back", label="No, back to be changed"),
        ),
        routes=True,
    )
    remarks = long_text("Remarks", "Needed if it goes back.", required=False)

    @validates_schema
    def _back_with_a_reason(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("outcome") == "back" and not data.get("remarks"):
            raise ValidationError("Please say what has to change.", "remarks")


@process.form("send_letters")
class Letters(Form):
    """The letters to the people concerned. Their addresses are not kept here."""

    letter_text = long_text("Text of the letter", "As it was sent, without anybody's name or address.")
    list_reference = text("Which list of addressees?", "Where it is kept, and its number.", reference=True)
    sent_by = choice(
        "How was it sent?",
        (
            Option(value="post", label="By post"),
            Option(value="email", label="By e-mail, where people have agreed to it"),
            Option(value="substitute", label="By public notice instead", hint="Only beyond the limits shown above."),
        ),
    )
    sent = number("How many were sent?", most=400_000_000)
    sent_on = day("On which day?", future=False)
    proof = text("How can this be seen?", "Such as the post's receipt, or the mail merge's report.", reference=True)
    attachments = files("Files")


@process.form("tell_regulator", "tell_regulator_first", "tell_agencies", "send_decision")
class Told(Form):
    """Somebody outside was told, by other means than this service."""

    how = text("How were they told?", "Such as their web form, a letter, an e-mail.")
    told_on = day("On which day?", future=False)
    proof = text("How can this be seen?", "Such as their reference number.", reference=True)
    attachments = files("Files")


@process.form("update")
class Update(Form):
    """What the public is told next."""

    what = choice(
        "What do you want to publish?",
        (
            Option(value="news", label="News, or that there is none"),
            Option(value="correct", label="A corrected version of the notice"),
            Option(value="finished", label="A last word: nothing more is to come"),
        ),
        routes=True,
    )
    text = long_text("Text of the update", f"{PLAIN} Not needed for a corrected version.", required=False)

    @validates_schema
    def _an_update_says_something(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("what") in {"news", "finished"} and not data.get("text"):
            raise ValidationError("Please write what the public is told.", "text")


@process.form("delay_letter")
class Delay(Form):
    """Why the notice may come later, and until when."""

    kind = choice("What allows the delay?")
    authority = text("Who asks for it, or who decided?", "The agency and the person who signed.")
    reference = text("Reference of the letter", reference=True)
    dated = day("Date of the letter", future=False)
    until = day("Until which day?", "Of a law-enforcement agency's letter. Today ends a delay.", required=False)
    attachments = files("The letter")


@process.form("after_action")
class AfterAction(Form):
    """What was learnt. With it the case ends."""

    cause = long_text("What was the cause?")
    lessons = long_text("What was learnt?")
    measures = long_text("What changes, who does it, and by when?")
    measured_at = date_time("When is it looked at again?", required=False)
