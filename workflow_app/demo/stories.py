"""The cases of the demo agency, each told at the moments at which it happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from notifications import OutboxMessage, State
from workflow_app import clock, deliveries, jobs
from workflow_app.access import Actor, Via
from workflow_app.cases import commands, disputing, due, joining, links, standing
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Chore, Link, Task, TaskStatus, Timer
from workflow_app.db import moment, session, unit_of_work
from workflow_app.people import actor_for, by_email
from workflow_app.registers import agencies

UNREACHED, UNREACHED_AT = "Bayside Police", "bounce@bayside-police.example"
"""A partner whose contact's address is wrong; the mail catcher returns what begins like it."""

SHARED_RECORD = "PW-2026-118204"
"""The record that the demo agency shared with twelve others."""

_REPORT: dict[str, Any] = {
    "error_class": "E01",
    "what_happened": "The reader took the last letter for another one. The stop was called off at the window.",
    "harm": "delay",
    "live": False,
    "device": "ALPR-17",
    "detection_id": SHARED_RECORD,
}
_TESTED = {
    "against_image": "differs",
    "against_source": "not_listed",
    "finding": "The image shows another last letter than the read.",
}


class Story:
    """One case of the demo agency. E-mails wait for the running service; everything else happens at its moment."""

    def __init__(self, began: datetime) -> None:
        self.now = began
        self.number = ""

    def report(self, by: str, **answers: Any) -> None:
        """Report an error, some hours after it happened."""
        happened = (self.now - timedelta(hours=15)).isoformat()
        self.open("error_review", by, **{**_REPORT, "happened_at": happened, **answers})

    def open(self, process: str, by: str, **answers: Any) -> None:
        """Open the case."""
        with clock.stopped_at(self.now), unit_of_work():
            self.number = commands.open_case(who(by), process, answers).number
        self.wait(timedelta())

    def opens_from(self, number: str, process: str, by: str, **answers: Any) -> None:
        """Open a case from another one."""
        with clock.stopped_at(self.now), unit_of_work():
            self.number = joining.open_from(who(by), number, process, answers).number
        self.wait(timedelta())

    def disputes(self, number: str, by: str, reasons: str) -> None:
        """Disagree with how a case was decided."""
        with clock.stopped_at(self.now), unit_of_work():
            self.number = disputing.dispute(who(by), number, reasons).number
        self.wait(timedelta())

    def bounces(self, address: str, *, after: timedelta) -> None:
        """The mail provider reports that the e-mail to an address came back."""
        self.wait(after)
        query = sa.select(OutboxMessage.id).where(OutboxMessage.to_address == address).order_by(OutboxMessage.id)
        number = session().scalars(query).first()
        report = {"event": "bounce", "outbox_id": number, "sg_message_id": "", "status": "5.1.1"}
        with clock.stopped_at(self.now):
            deliveries.take_in([{**report, "timestamp": int(self.now.timestamp())}])
        self.wait(timedelta())

    def refuses(self, address: str, why: str, *, after: timedelta) -> None:
        """The mail provider does not take the newest e-mail to an address, and says why."""
        self.wait(after)
        newest = sa.select(OutboxMessage).where(OutboxMessage.to_address == address).order_by(OutboxMessage.id.desc())
        with clock.stopped_at(self.now):
            with unit_of_work():
                letter = session().scalars(newest.limit(1)).one()
                letter.state, letter.final_at, letter.last_error = State.REFUSED, self.now, why
            deliveries.tell(letter.id)

    def at(self, step: str, *, by: str, after: timedelta, **answers: Any) -> None:
        """Somebody completes the task of a step, in this case or a child of it."""
        self.wait(after)
        with clock.stopped_at(self.now), unit_of_work():
            commands.complete_task(who(by), session().scalars(self._open(step)).first() or "", answers)
        self.wait(timedelta())

    def by_link(self, step: str, *, after: timedelta, **answers: Any) -> None:
        """The outsider who was sent the first open link of a step acts on it."""
        self.wait(after)
        with clock.stopped_at(self.now), unit_of_work():
            task_id = session().scalars(self._open(step)).first() or ""
            link = session().scalars(sa.select(Link).where(Link.task_id == task_id)).one()
            commands.complete_task(links.holder(link), task_id, answers)
        self.wait(timedelta())

    def opens_itself(self, process: str, *, after: timedelta) -> None:
        """What nobody opens by hand opens after a while; the story goes on in the newest of this process."""
        self.wait(after)
        with clock.stopped_at(self.now), unit_of_work():
            for process_id, opening in standing.wanted(moment()):
                if process_id == process:
                    standing.open_once(process_id, opening)
        self.goes_on_in(process)
        self.wait(timedelta())

    def goes_on_in(self, process: str) -> None:
        """What is told from here on is of the newest case of this process."""
        newest = sa.select(Case.number).where(Case.process_id == process).order_by(Case.id.desc())
        self.number = session().scalars(newest).first() or ""

    def wait(self, span: timedelta) -> None:
        """Let time pass; timers and child cases happen on the way."""
        target = self.now + span
        while (when := self._next_due()) is not None and when <= target:
            self.now = max(self.now, when + timedelta(milliseconds=1))
            with clock.stopped_at(self.now):
                with unit_of_work():
                    timers, chores = due.claim(Timer, moment(), 100), due.claim(Chore, moment(), 100)
                for timer in timers:
                    jobs.fire_timer(timer)
                for chore in chores:
                    jobs.do_chore(int(chore))
        self.now = target

    def _open(self, step: str) -> sa.Select[str]:
        mine = sa.select(Case.id).where(Case.number == self.number)
        family = sa.or_(Case.id.in_(mine), Case.parent_id.in_(mine))
        waiting = (Task.step == step, Task.status == TaskStatus.OPEN, family)
        return sa.select(Task.id).join(Case, Case.id == Task.case_id).where(*waiting).order_by(Case.id)

    def _next_due(self) -> datetime | None:
        return min((found for found in session().scalars(_NEXT) if found is not None), default=None)


_NEXT = sa.union_all(*(sa.select(sa.func.min(table.wake_at)) for table in (Timer, Chore)))


def who(part: str) -> Actor:
    """One of the demo's people, as one who acts."""
    return actor_for(by_email(f"{part}@riverton.example"), Via.SESSION)


def tell(story: Callable[[Story], None], business_days_ago: int) -> None:
    """Run a story that began some business days ago, at nine in the morning, up to now."""
    profile = here().profile
    day = profile.calendar.add_business_days(moment(), -business_days_ago).astimezone(profile.zone)
    began = day.replace(hour=9, minute=12, second=0, microsecond=0)
    told = Story(began)
    story(told)
    told.wait(max(clock.now() - told.now, timedelta()))


def agencies_answer(story: Story) -> None:
    """A misread that was shared: decided, corrected, twelve agencies told, some of them silent."""
    story.report("officer")
    story.at("triage", by="administrator", after=timedelta(hours=5), route="test")
    story.at("test_read", by="administrator", after=timedelta(days=1), **_TESTED)
    story.at(
        "decide", by="administrator", after=timedelta(hours=3), outcome="confirmed", reasons="Image and read differ."
    )
    story.at(
        "correct", by="administrator", after=timedelta(hours=2), where=["vendor"], what="The read was replaced.",
        reference="Ticket 4471", corrected_at=story.now.isoformat(), what_to_do="correct",
        what_was_wrong="One character of the plate was misread.",
    )  # fmt: skip
    story.at("confirm_recipients", by="administrator", after=timedelta(hours=1), checked=True)
    signed = {"signatory": "J. Ortega", "title": "Records supervisor", "declared": True}
    for hours in (3, 20, 5, 26, 4, 30, 7):
        story.by_link("confirm", after=timedelta(hours=hours), answer="corrected", **signed)
    story.by_link(
        "confirm",
        after=timedelta(hours=6),
        answer="dispute",
        reason="Our own image shows the letter as read.",
        **signed,
    )


def chief_decides(story: Story) -> None:
    """A wrongful detention: grave, so it waits for the chief."""
    story.report(
        "supervisor", error_class="E04", harm="detention", device="ALPR-03", detection_id="PW-2026-119377",
        hot_list="Stolen vehicles, county",
        what_happened="The car had been recovered a week before, but the entry was still on the list.",
    )  # fmt: skip
    story.at("triage", by="administrator", after=timedelta(hours=2), route="test")
    story.at(
        "test_read", by="administrator", after=timedelta(days=1), against_image="matches", against_source="stale",
        finding="The entry should have been removed when the car was recovered.",
    )  # fmt: skip


def vendor_investigates(story: Story) -> None:
    """A clock that is wrong; the vendor has acknowledged and looks into it."""
    story.report(
        "officer", error_class="E07", harm="none", device="ALPR-22", detection_id="PW-2026-120031",
        what_happened="The detection carries a time two hours ahead.",
    )  # fmt: skip
    story.at("triage", by="administrator", after=timedelta(hours=4), route="test")
    story.at("test_read", by="administrator", after=timedelta(hours=3), **_TESTED)
    story.at(
        "decide", by="administrator", after=timedelta(hours=1), outcome="vendor", reasons="Only they can tell why."
    )
    story.at(
        "send_pack",
        by="administrator",
        after=timedelta(hours=1),
        questions="Why is the reader two hours ahead?",
        checked=True,
    )
    story.by_link("acknowledge", after=timedelta(hours=20), name="Robin Vale", ticket="PWS-8812", received=True)


def vendor_is_silent(story: Story) -> None:
    """Asked without a report, the vendor has not even acknowledged: the mail provider refused what it was sent."""
    story.open(
        "vendor_investigation", "administrator", device="ALPR-31", detection_id="PW-2026-117450",
        what="The reader took the same car for two cars within a minute.",
    )  # fmt: skip
    story.at(
        "send_pack", by="administrator", after=timedelta(hours=2), checked=True,
        questions="Why are there two detections of one passage?",
    )  # fmt: skip
    story.refuses("support@platewise.example", "The mail provider refused the message (HTTP 413).", after=timedelta(0))


def unfounded(story: Story) -> None:
    """A report that turned out to be wrong itself: closed."""
    story.report(
        "supervisor", error_class="E02", harm="none", device="ALPR-05", detection_id="PW-2026-118890",
        what_happened="The plate seemed to be from another state than recorded.",
    )  # fmt: skip
    story.at("triage", by="administrator", after=timedelta(hours=3), route="test")
    story.at(
        "test_read", by="administrator", after=timedelta(days=1), against_image="matches", against_source="matches",
        finding="Image, read and registration agree.",
    )  # fmt: skip
    story.at("decide", by="administrator", after=timedelta(hours=2), outcome="unfounded", reasons="Everything agrees.")


def just_reported(story: Story) -> None:
    """Nobody has looked at it yet, and the provider refused a mail: somebody has to try that again."""
    story.report(
        "officer", error_class="E09", harm="none", device="ALPR-08", detection_id="PW-2026-120590",
        what_happened="A silver car was recorded as white.",
    )  # fmt: skip
    story.refuses("records@riverton.example", "The mail provider refused the message (HTTP 413).", after=timedelta(0))


def notice_comes_back(story: Story) -> None:
    """A notice to an agency whose contact's address has a typing error: somebody has to find the right one."""
    story.open(
        "erroneous_data_notice", "administrator", agency=str(agencies.named(UNREACHED).id),
        record_reference="PW-2026-119940", what_to_do="delete", live=False,
        what_was_wrong="The state of the plate was recorded wrongly.",
    )  # fmt: skip
    # Mail servers try for a day or more before they give up: it came back three hours ago.
    story.bounces(UNREACHED_AT, after=clock.now() - story.now - timedelta(hours=3))


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = (
    (11, agencies_answer), (8, unfounded), (7, vendor_is_silent), (5, vendor_investigates), (3, chief_decides),
    (1, just_reported), (1, notice_comes_back),
)  # fmt: skip
"""How many business days ago each began, and what happened."""
