"""The short form for everybody who has something to report, and how its answers become those of a process.

It asks in plain words, lets people not know, and takes less than two minutes. Whoever works on the case classifies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from marshmallow import ValidationError, validates_schema

from workflow_app.cases.installation import here
from workflow_app.cases.report_table import Way
from workflow_app.db import moment
from workflow_app.errors import Invalid
from workflow_app.kit import Form, Option, Process, choice, day, email, files, long_text, text, tick, yes_no
from workflow_app.kit.fields import MAX_LONG_TEXT
from workflow_app.people import everybody

WHEN_AND_WHERE = "When and where"
ABOUT = "Who or what it is about"
OUTSIDE = "violation_review"
"""Where everything goes that is kept from those above: nobody else has a way past them."""

HARM = (
    Option(value="none", label="Not as far as I know"),
    Option(value="stopped", label="Somebody was stopped by the police"),
    Option(value="force", label="Somebody was held or arrested, or force was used"),
    Option(value="harmed", label="Somebody was followed, threatened or exposed, or lost something"),
    Option(value="unknown", label="I don't know"),
)


class Told(Form):
    """What somebody of the staff reports under their own name."""

    subject = choice("What do you want to report?")
    kind = choice("What comes closest?", hint="Leave it open if you don't know: we find out.", required=False)
    what = long_text("What happened?", "In your own words. Please leave out licence plates.")
    harm = choice("Did anybody come to harm?", HARM)
    on = day("Which day was it?", "Roughly is enough. Leave it open if you don't know.", required=False,
             group=WHEN_AND_WHERE)  # fmt: skip
    rough = text("More about when", "Such as: in the evening, or: several times since May.", required=False,
                 group=WHEN_AND_WHERE)  # fmt: skip
    where = text("Where?", "Such as a street, an office or a reader's name.", required=False, group=WHEN_AND_WHERE,
                 reference=True)  # fmt: skip
    who = text("Who or what is it about?", "A name, an office, a unit or a device: whatever you know.", required=False,
               group=ABOUT)  # fmt: skip
    person = choice("Is it somebody who works here?", hint="This person will not see the case.", required=False,
                    group=ABOUT)  # fmt: skip
    above = yes_no(
        "Is it about the chief executive or the ALPR administrator?",
        "Then neither of them sees it: it goes to the external reviewer and the oversight board. If in doubt: yes.",
        group=ABOUT,
    )
    chain = tick(
        "Keep this from my chain of command",
        "It goes past everybody who leads you, and past the chief executive and the administrator.",
        group=ABOUT,
    )
    attachments = files(
        "Files", "Pictures lose the place and the device they were taken with. A PDF may still say who wrote it."
    )


class ToldByAnybody(Told):
    """What anybody reports, who chooses how."""

    class Meta(Form.Meta):
        exclude = ("person",)

    chain = tick(
        "I work here: keep this from my chain of command",
        "It goes past the chief executive and the administrator, and past everybody who leads you if you give your "
        "work e-mail address: of an anonymous report we cannot know who leads you.",
        group=ABOUT,
    )
    attachments = files(
        "Files",
        "Their names are not kept, and pictures lose the place and the device they were taken with. A PDF is kept as "
        "it is: it may say who wrote it.",
    )
    way = choice(
        "How do you want to report?",
        (
            Option(value=Way.ANONYMOUS, label="Anonymously", hint="We neither ask nor keep who you are."),
            Option(
                value=Way.CONFIDENTIAL,
                label="In confidence",
                hint="Your name is encrypted. One office may read it, and each time is recorded; never the chief "
                "executive or the administrator.",
            ),
            Option(value=Way.NAMED, label="Under your name", hint="Those who work on it may see who you are."),
        ),
        group="You",
    )
    name = text("Your name", "Not for an anonymous report.", required=False, group="You", autocomplete="name")
    email = email("Your e-mail address", "We write only that there is news, never what.", required=False, group="You",
                  autocomplete="email")  # fmt: skip

    @validates_schema(skip_on_field_errors=False)
    def _says_who(self, data: dict[str, Any], **_kwargs: Any) -> None:
        named = data.get("way") in {Way.CONFIDENTIAL, Way.NAMED}
        wrong = {
            name: [f"Please give {words}, or report anonymously." if named else "Please leave this empty: an "
                   "anonymous report keeps no name. Or choose another way."]
            for name, words in (("name", "your name"), ("email", "an e-mail address"))
            if data.get("way") and bool(data.get(name)) is not named
        }  # fmt: skip
        if wrong:
            raise ValidationError(wrong)


def offered() -> list[Process]:
    """The processes that the short form opens."""
    return [each for each in here().registry if each.in_plain_words is not None]


def options() -> dict[str, list[Option]]:
    """What is offered in its choices; who works here is for those who are signed in."""
    kinds = [
        Option(value=f"{process.id}:{kind.value}", label=kind.label)
        for process in offered()
        for kind in process.plain_kinds
    ]
    people = [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]
    subjects = [process.in_plain_words for process in offered() if process.in_plain_words]
    return {"subject": subjects, "kind": kinds, "person": people}


def as_report(given: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The process and the answers that open its case, from checked ones. Raises Invalid for `kind`, `on` and `what`.

    What is to be kept from those above is always a suspected violation: only that has a way past them.
    """
    subject, kind = given["subject"], (given["kind"] or "").partition(":")
    if kind[0] and kind[0] != subject:
        raise Invalid(
            {"kind": ["This does not go with what you want to report. Please choose again, or leave it open."]}
        )
    outside = bool(given["above"] or given["chain"])
    opens = OUTSIDE if outside or given.get("person") else subject
    process = here().registry[opens]
    if process.told is None:
        raise Invalid({"subject": ["This cannot be reported here."]})
    return opens, process.told({
        "kind": kind[2] if opens == subject else "",
        "what": _words(given, opens),
        "harm": given["harm"],
        "at": _at(given["on"]),
        "person": given.get("person"),
        "outside": outside,
        "chain": bool(given["chain"]),
        "attachments": given["attachments"],
    })  # fmt: skip


def _words(given: Mapping[str, Any], opens: str) -> str:
    """All that was said in words, with what was left open."""
    when = " ".join(each for each in (given["on"], given["rough"]) if each)
    lines: Sequence[str] = [
        given["what"], "", f"When: {when or 'not known'}", f"Where: {given['where'] or 'not said'}",
        f"About: {given['who'] or 'not said'}",
    ]  # fmt: skip
    if opens != given["subject"]:
        labels = {option.value: option.label for part in ("subject", "kind") for option in options()[part]}
        named = [labels[each] for each in (given["subject"], given["kind"]) if each]
        lines = [*lines, f"Reported as: {', '.join(named)}"]
    whole = "\n".join(lines)
    if len(whole) > MAX_LONG_TEXT:
        raise Invalid({"what": ["Please write a little less, or send the rest as a file."]})
    return whole


def _at(day: str | None) -> str:
    """Noon of the day; now, where it is not known. What was really said stands in the words of the report."""
    now = moment()
    if day is None:
        return now.isoformat()
    noon = datetime.combine(date.fromisoformat(day), time(12), here().profile.zone)
    if noon.date() > now.astimezone(here().profile.zone).date():
        raise Invalid({"on": ["This day lies in the future."]})
    return min(noon, now).isoformat()
