"""What the programme administrator proposes, and what the chief executive says to it."""

from processes.profile_change.process import process
from workflow_app.kit import Form, day, declaration, long_text, text, yes_no

NAME = 'Its name in the profile, such as "deadlines.error_review.triage". The page "Deadlines" leads here from each.'
FORMS = 'In the form it has now: "4 hours", "30 days", "2 business days", a whole number, a date or a time of day.'
AS_OF = "The day on which you compared the value with this source."
OPEN = "If not, cases that are open keep what they were opened with. A day that is set already never moves."


@process.opens_with
class Change(Form):
    """Another value, what it rests on, and for which cases."""

    entry = text("Deadline or number", NAME, most=120, fact="Deadline or number", reference=True)
    value = text("New value", FORMS, most=60, fact="New value", reference=True)
    urgent = text(
        "New value for urgent cases", "Leave empty to leave it as it is.", most=60, required=False, reference=True
    )
    citation = text(
        "What it rests on", "The law with its section, the standard, or who in the agency decided it.", most=500,
        reference=True,
    )  # fmt: skip
    as_of = day("As of", AS_OF)
    compared = declaration("I have compared the value with this source on that day.")
    open_cases = yes_no("Shall it hold for open cases too?", OPEN)
    reason = long_text("Reason", "Everybody who works here can read it.")


@process.form("decide")
class Decision(Form):
    """Nothing changes without it."""

    approve = yes_no("Shall it be changed?", routes=True)
    reasons = long_text("Reasons", "They stand in the record.")
