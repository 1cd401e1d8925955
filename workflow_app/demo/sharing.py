"""What the demo agency shares: certificates signed, asked for, refused and running out, deletion, onward use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from workflow_app import clock
from workflow_app.cases.installation import here
from workflow_app.db import unit_of_work
from workflow_app.demo.stories import Story
from workflow_app.registers import agencies, certificate_texts, releases

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_DESK = {"signatory": "J. Ortega", "title": "Records supervisor", "declared": True}
_SIGNED = {**_DESK, "answer": "signed", "statements": list(certificate_texts.NEEDED)}


def _ask(story: Story, agency: str, why: str) -> None:
    """The administrator wants to share with an agency, and says what and on what basis."""
    story.open("sharing_certification", "administrator", agency=str(agencies.named(agency).id), why=why)
    story.at(
        "prepare", by="administrator", after=3 * _HOUR, data_scope="Single detections on request; no standing access.",
        purposes="Stolen vehicles, missing persons and felony investigations.", legal_basis="Sharing agreement of 2024",
    )  # fmt: skip


def _release(story: Story, agency: str, *records: str) -> None:
    """Records are handed over."""
    day = here().profile.calendar.local_date(story.now)
    with clock.stopped_at(story.now), unit_of_work():
        for record in records:
            releases.release(
                here().profile, agency_id=agencies.named(agency).id, shared_on=day, now=story.now,
                record_reference=record, case_number="26-03180", purpose="Stolen vehicle", created_by="Ruth Okafor",
            )  # fmt: skip


def deleted_in_time(story: Story) -> None:
    """Certified, given two records, and both deleted by the day that was promised."""
    _ask(story, "Harbor County Sheriff", "They lead the county's auto theft task force.")
    story.by_link("sign", after=2 * _DAY, **_SIGNED, deletion_days=30)
    story.wait(40 * _DAY)
    _release(story, "Harbor County Sheriff", "PW-2026-097731", "PW-2026-097740")
    story.opens_itself("release_deletion", after=30 * _DAY)
    story.by_link("confirm", after=20 * _HOUR, answer="deleted", **_DESK)


def deletion_overdue(story: Story) -> None:
    """Certified and given a record; the day of deletion has passed without a word."""
    _ask(story, "Millbrook Police", "They ask for detections along the county line.")
    story.by_link("sign", after=_DAY, **_SIGNED, deletion_days=14)
    story.wait(2 * _DAY)
    _release(story, "Millbrook Police", "PW-2026-114002")
    story.opens_itself("release_deletion", after=14 * _DAY)


def runs_out_soon(story: Story) -> None:
    """Signed almost a year ago: the agency is asked to renew it."""
    _ask(story, "Eastfield Police", "Both agencies patrol the same stretch of the highway.")
    story.by_link("sign", after=5 * _DAY, **_SIGNED, deletion_days=21)


def another_state(story: Story) -> None:
    """An agency of another state: the chief executive has to say first whether it may be asked at all."""
    _ask(story, "Westbrook Police", "A series of thefts crosses the state line.")


def unanswered(story: Story) -> None:
    """An agency that has been asked to sign, and is silent."""
    _ask(story, "Lakeshore Police", "They ask for single detections every month.")


def asks_to_pass_it_on(story: Story) -> None:
    """A partner wants to show a record to a prosecutor; the chief executive has not decided yet."""
    story.open("onward_use", "administrator", agency=str(agencies.named("Harbor County Sheriff").id), by_link=True)
    story.by_link(
        "ask", after=_DAY, record_reference="PW-2026-118204", for_whom="County prosecutor",
        what="Show the detection to the prosecutor in the case it was shared for.", **_DESK,
    )  # fmt: skip


def may_not_pass_it_on(story: Story) -> None:
    """A partner wanted to give it to an insurer: refused."""
    story.open(
        "onward_use", "administrator", agency=str(agencies.named("Millbrook Police").id), by_link=False,
        record_reference="PW-2026-101655", what="Give it to the insurer of the owner.", for_whom="An insurer",
    )  # fmt: skip
    story.at("decide", by="chief", after=6 * _HOUR, approve=False, reasons="An insurer is no public agency.")


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = (
    (232, runs_out_soon), (75, deleted_in_time), (40, may_not_pass_it_on), (18, deletion_overdue),
    (12, unanswered), (8, another_state), (7, asks_to_pass_it_on),
)  # fmt: skip
"""How many business days ago each began, and what happened."""
