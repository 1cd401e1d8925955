"""The demo's people on their way to access: given long ago, running out, unused, suspended, waiting, refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.demo.stories import Story
from workflow_app.people import by_email
from workflow_app.registers import alpr_access, courses

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_SIGNED = {"mine_alone": True, "listed_purposes": True, "verify_first": True, "consequences": True}


def _ask(story: Story, who: str, user_id: str, duty: str, need: str, *, role: str = "search") -> None:
    """Somebody asks for access for themselves."""
    someone = by_email(f"{who}@riverton.example")
    story.open(
        "account_approval", who, person=str(someone.id), employee_number=someone.employee_number, user_id=user_id,
        alpr_role=role, duty=duty, need=need,
    )  # fmt: skip


def _train(story: Story, who: str, step: str = "test") -> None:
    """They take the course, pass its test, and acknowledge what misuse can lead to."""
    right = [f"{number}:{each['right']}" for number, each in enumerate(courses.current().questions, 1)]
    story.at(step, by=who, after=20 * _HOUR, read=True, answers=right)
    story.at("sign", by=who, after=_HOUR, sanctions=True, reporting=True)


def _verified(story: Story, who: str, led_by: str, statement: str) -> None:
    """Endorsed, trained, identity checked: the chief executive's turn."""
    story.at("endorse", by=led_by, after=5 * _HOUR, endorsed=True, statement=statement)
    _train(story, who)
    story.at("verify", by="administrator", after=2 * _HOUR, verified=True, checked="Employee card, in person.")


def _given(story: Story, who: str, user_id: str, duty: str) -> None:
    """All the way to active access."""
    _ask(story, who, user_id, duty, "To find vehicles that were reported stolen, and to check alerts before a stop.")
    _verified(story, who, "supervisor", f"Needed every week for {duty.lower()}.")
    story.at("decide", by="chief", after=5 * _HOUR, approved=True)
    story.at("provision", by="administrator", after=3 * _HOUR, vendor_user_id=user_id, second_factor=True, least=True)
    story.at("sign_rules", by=who, after=_HOUR, **_SIGNED)


def _last_used(who: str, days_ago: int) -> None:
    """What the vendor's log says."""
    with unit_of_work():
        alpr_access.note_use(by_email(f"{who}@riverton.example").id, clock.now() - days_ago * _DAY)


def runs_out_soon(story: Story) -> None:
    """Approval and training end within the month: both are asked about as soon as the service runs."""
    _given(story, "officer", "dreyes", "Auto theft investigations")
    _last_used("officer", 2)


def unused(story: Story) -> None:
    """Given half a year ago, and not used for nine weeks."""
    _given(story, "ortega", "lortega", "Burglary investigations")
    _last_used("ortega", 64)


def suspended(story: Story) -> None:
    """Neither was the training renewed nor the need confirmed: the access was taken away."""
    _given(story, "novak", "mnovak", "Traffic enforcement")
    _last_used("novak", 25)
    story.opens_itself("training_sign_off", after=340 * _DAY)
    story.opens_itself("account_recertification", after=timedelta())


def waits_for_the_chief(story: Story) -> None:
    """Everything is checked; one decision is missing."""
    _ask(
        story, "security", "sito", "Security of the ALPR system",
        "To look into alerts about sign-ins and exports that nobody can explain.", role="administer",
    )  # fmt: skip
    _verified(story, "security", "deputy", "The security officer cannot look into misuse without seeing the logs.")


def waits_in_training(story: Story) -> None:
    """Endorsed; the course has not been taken yet."""
    _ask(story, "records", "rokafor", "Answering requests for records", "To find the records that a request is about.")
    story.at("endorse", by="deputy", after=6 * _HOUR, endorsed=True, statement="Requests name reads by their number.")


def refused(story: Story) -> None:
    """The chief executive saw no need."""
    _ask(
        story, "supervisor", "jkim", "Supervising the eastern patrols",
        "To see which of my officers search, and how often.",
    )  # fmt: skip
    _verified(story, "supervisor", "deputy", "He leads four officers with access.")
    story.at("decide", by="chief", after=4 * _HOUR, approved=False, reasons="The monthly audit shows that already.")


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = (
    (261, suspended), (238, runs_out_soon), (130, unused), (9, refused), (4, waits_for_the_chief),
    (2, waits_in_training),
)  # fmt: skip
"""How many business days ago each began, and what happened."""
