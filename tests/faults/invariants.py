"""What holds at every moment, whoever has just died: one question for each promise, over all that is stored.

`violations` asks them all. Tests ask after every death, the chaos benchmark when its minute is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from notifications import DeliveryEvent, OutboxMessage
from notifications.events import MEANING, RANK
from workflow_app import audit
from workflow_app.cases import file_store
from workflow_app.cases.files import Attachment
from workflow_app.cases.models import (
    Answers,
    Case,
    CaseStatus,
    Chore,
    Draft,
    Fanout,
    Incident,
    Link,
    Task,
    TaskStatus,
    Timer,
)
from workflow_app.cases.replay import Replay
from workflow_app.db import begin_reading, session

Question = Callable[[], Iterator[str]]


def violations() -> list[str]:
    """Sentences about what is not as it was promised, at one moment; none when all is well."""
    begin_reading()
    found = [f"{question.__name__}: {sentence}" for question in QUESTIONS for sentence in question()]
    session().rollback()
    return found


def every_open_case_waits_for_something() -> Iterator[str]:
    """For a person, a moment, the machine, or somebody who looks: never for nothing."""
    waits = [
        sa.exists().where(Task.case_id == Case.id, Task.status == TaskStatus.OPEN),
        sa.exists().where(Timer.case_id == Case.id, Timer.kind == "engine"),
        sa.exists().where(Chore.case_id == Case.id),
        sa.exists().where(Incident.case_id == Case.id, Incident.closed_at.is_(None)),
    ]
    child = sa.orm.aliased(Case)
    waits.append(sa.exists().where(child.parent_id == Case.id, child.status == CaseStatus.OPEN))
    query = sa.select(Case.number).where(Case.status == CaseStatus.OPEN, *(~each for each in waits))
    yield from session().scalars(query)


def every_fan_out_goes_on() -> Iterator[str]:
    """While children are to be opened there is a chore; when all have ended, a chore that wakes the parent."""
    child = sa.orm.aliased(Case)
    busy = sa.exists().where(Chore.step == Fanout.id)
    some_open = sa.exists().where(
        child.parent_id == Fanout.case_id, child.parent_step == Fanout.id, child.status == CaseStatus.OPEN
    )
    waiting = (~Fanout.done, ~busy)
    for fanout_id in session().scalars(sa.select(Fanout.id).where(*waiting, Fanout.cursor < Fanout.expected)):
        yield f"fan-out {fanout_id} still has children to open, and nobody who does it"
    for fanout_id in session().scalars(sa.select(Fanout.id).where(*waiting, ~some_open)):
        yield f"all children of fan-out {fanout_id} have ended, and nobody wakes its case"
    for fanout_id in session().scalars(sa.select(Fanout.id).where(Fanout.done, ~busy, some_open)):
        yield f"fan-out {fanout_id} is over, but children of it are open and nobody calls them off"


def a_case_that_ended_has_left_nothing_behind() -> Iterator[str]:
    """No open task, no timer."""
    over = sa.select(Case.id).where(Case.status != CaseStatus.OPEN)
    for step in session().scalars(sa.select(Task.step).where(Task.status == TaskStatus.OPEN, Task.case_id.in_(over))):
        yield f"task {step} is open in a case that has ended"
    for step in session().scalars(sa.select(Timer.step).where(Timer.case_id.in_(over))):
        yield f"a timer of {step} is left in a case that has ended"


def a_task_that_is_done_has_left_nothing_behind() -> Iterator[str]:
    """No reminder, no draft, no link that could still be used."""
    over = sa.select(Task.id).where(Task.status != TaskStatus.OPEN)
    live = (Link.used_at.is_(None), Link.revoked_at.is_(None))
    for what, query in {
        "a reminder": sa.select(Timer.task_id).where(Timer.task_id.in_(over)),
        "a draft": sa.select(Draft.task_id).where(Draft.task_id.in_(over)),
        "a link": sa.select(Link.task_id).where(Link.task_id.in_(over), *live),
    }.items():
        for task_id in session().scalars(query):
            yield f"{what} is left of task {task_id}"


def every_task_is_completed_once() -> Iterator[str]:
    """A done task has one set of answers and one entry in the record; any other has neither."""
    done = set(session().scalars(sa.select(Task.id).where(Task.status == TaskStatus.DONE)))
    answered = Counter(session().scalars(sa.select(Answers.task_id).where(Answers.task_id.is_not(None))))
    completed = sa.select(audit.Event.data["task"].as_string()).where(audit.Event.kind == "task.completed")
    for what, times in {"answers": answered, "entries": Counter(session().scalars(completed))}.items():
        for task_id in done | times.keys():
            if times[task_id] != (task_id in done):
                yield f"task {task_id} has {times[task_id]} {what} and is {'' if task_id in done else 'not '}done"


def every_chain_of_the_record_is_whole() -> Iterator[str]:
    """Each entry as it was written, and the last one where the head says."""
    heads = [(case.stream, case.head) for case in session().scalars(sa.select(Case))]
    broken = audit.verify([*heads, *audit.stream_heads()])
    if broken is not None:
        yield str(broken)


def every_outsider_who_is_asked_is_written_to() -> Iterator[str]:
    """A link without its message would wait for ever."""
    written = sa.exists().where(OutboxMessage.link_id == Link.id)
    for link_id in session().scalars(sa.select(Link.id).where(~written)):
        yield f"nobody writes to the holder of link {link_id[:6]}"


def what_was_reported_of_a_message_has_its_effect() -> Iterator[str]:
    """A noted event moved its message on, and stands in the record of its case."""
    telling = audit.Event.kind.in_(("message.reported", "message.failed"))
    told = sa.select(audit.Event.data["message"].as_integer()).where(telling)
    recorded = set(session().scalars(told))
    query = sa.select(DeliveryEvent.event, OutboxMessage).join(
        OutboxMessage, OutboxMessage.id == DeliveryEvent.outbox_id
    )
    for event, message in session().execute(query):
        rank = RANK[MEANING[event]]
        if RANK.get(message.state, 0) < rank:
            yield f"message {message.id} is {message.state.value} after {event}"
        if rank > 1 and message.case_id is not None and message.id not in recorded:
            yield f"the case of message {message.id} does not know of {event}"


def nothing_is_stored_by_half() -> Iterator[str]:
    """No case without a state or a number, no key without its result, no listed file that is not there."""
    unfinished = sa.or_(Case.state == b"", Case.revision == 0, ~Case.number.contains("-"), Case.audit_seq == 0)
    for case_id in session().scalars(sa.select(Case.id).where(unfinished)):
        yield f"case {case_id} is not whole"
    for key in session().scalars(sa.select(Replay.key).where(Replay.result == "")):
        yield f"key {key} has no result"
    for row in session().scalars(sa.select(Attachment)):
        try:
            file_store.get(row.id, row.kept_sha256)
        except file_store.Damaged:
            yield f"file {row.id} is listed and not there as it was kept"


def nothing_is_there_twice() -> Iterator[str]:
    """A child for each item, and a message for each occasion and address."""
    place = (Case.parent_id, Case.parent_step, Case.item)
    twice = sa.select(*place).where(Case.parent_id.is_not(None)).group_by(*place).having(sa.func.count() > 1)
    yield from (f"child {row} was opened twice" for row in session().execute(twice))
    keys = sa.select(OutboxMessage.dedupe_key).group_by(OutboxMessage.dedupe_key).having(sa.func.count() > 1)
    yield from (f"message {key} is owed twice" for key in session().scalars(keys))


QUESTIONS: tuple[Question, ...] = (
    every_open_case_waits_for_something,
    every_fan_out_goes_on,
    a_case_that_ended_has_left_nothing_behind,
    a_task_that_is_done_has_left_nothing_behind,
    every_task_is_completed_once,
    every_chain_of_the_record_is_whole,
    every_outsider_who_is_asked_is_written_to,
    what_was_reported_of_a_message_has_its_effect,
    nothing_is_stored_by_half,
    nothing_is_there_twice,
)
