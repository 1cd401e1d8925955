"""What people answer: checked against the step's form, stripped of plates, split into record and routing facts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from marshmallow import ValidationError

from workflow_app.access import Actor
from workflow_app.cases.models import Answers
from workflow_app.db import direct, session
from workflow_app.errors import Invalid
from workflow_app.kit import Form, Option
from workflow_app.kit.fields import UNANSWERED, Plate

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much the clock of whoever answers may be ahead of ours."""


@dataclass(frozen=True)
class Accepted:
    """Answers that passed the form: `values` for the record, `facts` for the process.

    `labels` are the words of the computed options that were chosen, by field and value.
    """

    values: dict[str, Any]
    facts: dict[str, Any]
    labels: dict[str, dict[str, str]]


@lru_cache(maxsize=1024)
def ready(form: type[Form], zone: ZoneInfo) -> Form:
    """A form that reads moments without a zone in this one. Making it is slow; loading changes nothing in it."""
    schema = form()
    schema.zone = zone
    return schema


def accept(
    form: type[Form],
    raw: Mapping[str, Any],
    *,
    zone: ZoneInfo,
    plate_key: str,
    options: Mapping[str, Sequence[Option]] | None = None,
    now: datetime | None = None,
) -> Accepted:
    """Check answers against their form. Raises Invalid with a sentence for each field that is wrong.

    `now` is the moment at which they are given; without it nothing is known to lie in the future.
    """
    schema = ready(form, zone)
    try:
        loaded: dict[str, Any] = schema.load(dict(raw))
    except ValidationError as error:
        raise Invalid(_unanswered(schema, raw, options or {}) | _by_field(error.messages)) from error
    _within_options(loaded, options or {})
    if left := _unanswered(schema, loaded, options or {}):
        raise Invalid(left)
    if now is not None:
        _not_ahead(schema, loaded, now)
    values = {name: _stored(schema.fields[name], value, plate_key) for name, value in loaded.items()}
    facts = {name: values[name] for name in values if schema.fields[name].metadata.get("routes")}
    return Accepted(values, facts, _chosen(loaded, options or {}))


def faults(form: type[Form], raw: Mapping[str, Any], zone: ZoneInfo) -> dict[str, list[str]]:
    """What the form itself finds wrong, by field; nothing is stored and nothing is raised."""
    return _by_field(ready(form, zone).validate(dict(raw)))


_KEEP = sa.insert(Answers)


def keep(
    case_id: int,
    step: str,
    task_id: str | None,
    actor: Actor,
    at: datetime,
    values: Mapping[str, Any],
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Store answers with who gave them and when."""
    row = {
        "case_id": case_id, "step": step, "task_id": task_id, "at": at,
        "by_key": actor.key, "by_label": actor.label, "values": dict(values),
        "labels": dict(labels or {}),
    }  # fmt: skip
    direct(_KEEP, row)


_LATEST = (
    sa.select(Answers.values, Answers.by_key)
    .where(Answers.case_id == sa.bindparam("case"), Answers.step == sa.bindparam("step"))
    .order_by(Answers.id.desc())
    .limit(1)
)


def latest(case_id: int, step: str) -> Mapping[str, Any]:
    """The latest answers given at a step; empty when there are none."""
    found = direct(_LATEST, {"case": case_id, "step": step}).first()
    return found[0] if found else {}


def latest_by(case_id: int, step: str) -> int | None:
    """The person who gave the latest answers at a step; None for anybody without an account, and for nobody."""
    found = direct(_LATEST, {"case": case_id, "step": step}).first()
    key = found[1] if found else ""
    return int(key.removeprefix("person:")) if key.startswith("person:") else None


def of_case(case_id: int) -> list[Answers]:
    """Everything answered in a case, oldest first."""
    return list(session().scalars(sa.select(Answers).where(Answers.case_id == case_id).order_by(Answers.id)))


def plate_hash(plate: str, key: str) -> str:
    """The keyed hash by which a plate is recognised again without being stored (HMAC-SHA-256, hex)."""
    return hmac.new(key.encode(), plate.encode(), hashlib.sha256).hexdigest()


def _stored(field: Any, value: Any, plate_key: str) -> Any:
    if isinstance(field, Plate):
        return {"hash": plate_hash(value, plate_key), "ends": value[-2:]} if value else None
    return value.isoformat() if isinstance(value, datetime) else value


def _chosen(loaded: Mapping[str, Any], options: Mapping[str, Sequence[Option]]) -> dict[str, dict[str, str]]:
    """The words of the options that were chosen, as the person saw them."""
    chosen = {name: loaded[name] if isinstance(loaded.get(name), list) else [loaded.get(name)] for name in options}
    return {
        name: {each.value: f"{each.question} {each.label}".strip() for each in allowed if each.value in chosen[name]}
        for name, allowed in options.items()
    }


def _within_options(loaded: Mapping[str, Any], options: Mapping[str, Sequence[Option]]) -> None:
    """Options that the process computed for this case bind like those written in the form."""
    for name, allowed in options.items():
        given = loaded.get(name)
        chosen = given if isinstance(given, list) else [] if given is None else [given]
        if not {str(value) for value in chosen} <= {option.value for option in allowed}:
            raise Invalid({name: ["Please choose from the options that are listed."]})


def _unanswered(form: Form, given: Mapping[str, Any], options: Mapping[str, Sequence[Option]]) -> dict[str, list[str]]:
    """Quizzes in which not each question has one answer."""
    left = {}
    for name in options:
        if form.fields[name].metadata["kind"] == "quiz":
            asked = {option.value.partition(":")[0] for option in options[name]}
            answers = given.get(name)
            answered = [str(each).partition(":")[0] for each in answers] if isinstance(answers, list) else []
            if sorted(answered) != sorted(asked):
                left[name] = [UNANSWERED]
    return left


def _not_ahead(form: Form, loaded: Mapping[str, Any], now: datetime) -> None:
    """What has happened already cannot lie in the future."""
    past = [name for name, field in form.fields.items() if field.metadata.get("future") is False]
    latest, today = now + CLOCKS_DIFFER, now.astimezone(form.zone).date().isoformat()
    ahead = [
        name for name in past if (said := loaded.get(name)) and said > (today if isinstance(said, str) else latest)
    ]
    if ahead:
        raise Invalid({name: ["This lies in the future."] for name in ahead})


def _by_field(messages: Any) -> dict[str, list[str]]:
    """Marshmallow's errors as sentences by field; errors of list items join their list."""

    def flat(found: Any) -> list[str]:
        if isinstance(found, Mapping):
            return [sentence for nested in found.values() for sentence in flat(nested)]
        return [str(sentence) for sentence in found]

    return {str(name): list(dict.fromkeys(flat(found))) for name, found in messages.items()}
