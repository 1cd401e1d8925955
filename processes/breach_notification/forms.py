"""What people fill in until it is decided who must be told: the incident, the scope, advice and decision."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.breach_notification.process import process
from workflow_app.kit import (
    Form,
    Option,
    choice,
    choices,
    date_time,
    day,
    declaration,
    files,
    long_text,
    number,
    text,
    yes_no,
)

NO_PLATES = "Please leave out plates and names of private persons."
IF_KNOWN = "If you know it"

KINDS = (
    Option(value="access", label="Somebody got in, or used a password that was not theirs"),
    Option(value="lost", label="A device or a copy was lost or stolen"),
    Option(value="sent", label="Data went to the wrong place, or could be seen by anybody"),
    Option(value="vendor", label="It happened at the vendor's or a partner agency's"),
    Option(value="other", label="Something else"),
)
DATA = (
    Option(value="plates", label="Licence plates with place and time"),
    Option(value="images", label="Images of vehicles or people"),
    Option(value="persons", label="Names, addresses or other data of private persons"),
    Option(value="accounts", label="User names with passwords or answers to security questions"),
    Option(value="staff", label="Data of staff"),
    Option(value="technical", label="Technical data only, nothing about people"),
)
HARMS = (
    Option(value="unlikely", label="No harm is likely", hint="Counsel and the chief decide in writing."),
    Option(value="possible", label="Harm is possible", hint="Also while it is not known."),
    Option(value="known", label="Somebody has come to harm"),
)


@process.opens_with
class Incident(Form):
    """What somebody noticed. The clocks of the first hours run from here."""

    kind = choice("What happened?", KINDS, "Choose the closest one.", routes=True, fact="What")
    what_happened = long_text("What is known so far?", f"In your own words; more can follow. {NO_PLATES}")
    discovered_at = date_time("When was it noticed?", "It is to be reported within an hour.", future=False)
    live = yes_no(
        "May live licence-plate data be exposed?", "Also when you are not sure.", routes=True, fact="Live plate data"
    )
    done_so_far = long_text("What was done about it already?", required=False, group=IF_KNOWN)
    person = choice(
        "Did somebody here cause it?", (), "This person cannot see the case, and decides nothing in it.",
        required=False, group=IF_KNOWN,
    )  # fmt: skip
    related = text("Case that it came up in", "Such as VR-2026-000187.", required=False, most=40, group=IF_KNOWN)
    attachments = files("Files", "They are encrypted, and purged some time after the case closes.", group=IF_KNOWN)


@process.form("acknowledge_chief", "acknowledge_counsel")
class Acknowledged(Form):
    """Chief and counsel know."""

    read = declaration("I have read what is known, and can be reached about it.")
    remarks = long_text("What should be done first?", required=False)


@process.form("contain")
class Contained(Form):
    """What stops it, before it is known how far it went."""

    measures = long_text("What was done so that it does not go on?", "Passwords, access, copies, the vendor.")
    done_at = date_time("When was that done?", future=False)
    proof = text("How can this be seen?", "Such as a change number.", required=False, reference=True)


class _Scope(Form):
    determined_at = date_time(
        "When was it clear that this is a breach?", "The legal clocks are counted from here.", future=False
    )
    data = choices("Which data?", DATA, select_all=False)
    what_is_known = long_text("What is known?", f"How it happened, who had the data, for how long. {NO_PLATES}")
    period_from = day("From when could they be seen?", "As near as is known.", required=False, future=False)
    period_to = day("Until when?", required=False, future=False)
    live = yes_no("Was live licence-plate data exposed?")
    encrypted = yes_no("Was all of it encrypted, and the key not taken?")
    harm = choice("What harm may come of it?", HARMS)
    persons = number(
        "How many people does it concern?", "Empty while it is not known: it then counts as many.", required=False,
        most=400_000_000,
    )  # fmt: skip
    by_state = text("How many in which state?", "If known, such as: CA 300, NV 12.", required=False)
    still_open = long_text("What is not known yet?", required=False)

    @validates_schema
    def _the_period_has_an_order(self, data: dict[str, Any], **_kwargs: Any) -> None:
        begins, ends = data.get("period_from"), data.get("period_to")
        if begins and ends and begins > ends:
            raise ValidationError("This is before its beginning.", "period_to")


@process.form("scope", "rescope")
class Scope(_Scope):
    """One version of what is known. A later one is a new one; this one stays as it is."""


TOLD = (
    Option(value="nobody", label="Nobody has to be told", hint="The reasons are kept for years."),
    Option(value="notify", label="A notice is owed"),
)


@process.form("advise_no_harm")
class Advice(Form):
    """Counsel's advice, in writing."""

    told = choice("What do you advise?", TOLD, routes=True)
    reasons = long_text("Reasons", "The investigation, the law, why harm is not likely.")


@process.form("decide_no_harm")
class NoHarm(Form):
    """The decision, in person and in writing."""

    told = choice("What do you decide?", TOLD, routes=True)
    reasons = long_text("Reasons", "They are kept for years, and sent on where the law asks for it.")
