"""What people fill in while they train: the test, what they sign, and what the instructor found."""

from processes.training_sign_off.process import process
from workflow_app.kit import Form, declaration, long_text, quiz, text, yes_no

SANCTIONS_VERSION = "1"
"""The version of the words in `Sign`; signing is recorded with it."""


@process.opens_with
class Begin(Form):
    """Somebody takes the course of their own accord."""

    own = declaration("I want to take the course now.", "It takes about half an hour. You may go on later.")


@process.form("test", "renew")
class Test(Form):
    """The test at the end of the course."""

    read = declaration("I have read all modules of the course.")
    answers = quiz("Questions", "One answer to each.")


@process.form("sign")
class Sign(Form):
    """What can follow from misuse (policy: personnel acknowledge the penalties)."""

    sanctions = declaration(
        "I know what misuse of the ALPR system can lead to: retraining, losing my access, suspension, transfer, "
        "dismissal, and prosecution."
    )
    reporting = declaration("I know how to report an error or a violation, and that nobody may be punished for it.")


@process.form("acknowledge")
class Acknowledge(Form):
    """A new version of the course."""

    read = declaration("I have read the new version of the course.")
    sanctions = declaration("I know that misuse can cost me my access and my position, and can be a crime.")


@process.form("instruct")
class Instruct(Form):
    """What came of the session with an instructor."""

    held_on = text("When and how was the session held?", "Such as 12 November, in person, one hour.")
    ready = yes_no("Is this person ready to try again?", routes=True)
    remarks = long_text("What was worked on?")


@process.form("switch_off")
class SwitchOff(Form):
    """What was switched off in the vendor's system."""

    done = declaration("This person can no longer sign in to the vendor's system.")
    proof = text("How can this be seen?", "Such as the vendor's change number, or who confirmed it.", reference=True)
