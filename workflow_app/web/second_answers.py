"""A link that is sent with another answer after it was used: whoever sends it must not take it for recorded."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from flask import request, url_for
from werkzeug.wrappers import Response

from workflow_app.agency.words import local
from workflow_app.cases import answers, receipts, tasks
from workflow_app.cases.files import Attachment
from workflow_app.cases.installation import here
from workflow_app.cases.models import Answers, Link
from workflow_app.db import session
from workflow_app.errors import Invalid
from workflow_app.kit import Form
from workflow_app.web import link_pages
from workflow_app.web.answered import Answer, readable
from workflow_app.web.forms import answers_from


def unlike_the_recorded(link: Link) -> Response | None:
    """The page for an answer that came after another one; None when it is the same once more, or none at all."""
    case, task = link_pages.case_and_task(link)
    form = here().registry[case.process_id].forms[task.step]
    recorded = session().scalars(sa.select(Answers).where(Answers.task_id == task.id)).one()
    if not _answers_anything(form) or _is_the_same(form, recorded):
        return None
    options = tasks.options_for(case, task)
    return link_pages.page(
        "links/answered_before.html",
        title="This link was answered before",
        case=case.number,
        when=local(recorded.at, here().profile.zone),
        whom=receipts.signed_by(form, recorded.values).get("name") or recorded.by_label,
        typed=_typed(form, {name: {each.value: each.label for each in some} for name, some in options.items()}),
        receipt_href=url_for("links.receipt", link_id=link.id),
    )


def _answers_anything(form: type[Form]) -> bool:
    return any(request.form.get(name) or _uploads(name) for name in form.questions())


def _is_the_same(form: type[Form], recorded: Answers) -> bool:
    names = _file_fields(form)
    kept: dict[str, Any] = {name: recorded.values.get(name) or [] for name in names}
    ids = [each for some in kept.values() for each in some]
    if not {each for name in names for each in request.form.getlist(name)} <= set(ids):
        return False
    known = set(session().scalars(sa.select(Attachment.sha256).where(Attachment.id.in_(ids))))
    if not {sha256(upload.stream.read()).hexdigest() for name in names for upload in _uploads(name)} <= known:
        return False
    house = here()
    raw = answers_from(form, request.form) | {name: some for name, some in kept.items() if some}
    try:
        sent = answers.accept(form, raw, zone=house.profile.zone, plate_key=house.settings.plate_key).values
    except Invalid:
        return False
    return _given(sent) == _given(recorded.values)


def _given(values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _typed(form: type[Form], labels: dict[str, dict[str, str]]) -> list[Answer]:
    """What was typed, to be copied; of a plate only its end, as everywhere."""
    typed = answers_from(form, request.form)
    for name, item in form.questions().items():
        if item.metadata["kind"] == "plate" and typed.get(name):
            typed[name] = {"ends": str(typed[name]).strip()[-2:]}
    names = [str(upload.filename) for name in _file_fields(form) for upload in _uploads(name)]
    words = readable(form, {name: each for name, each in typed.items() if name not in _file_fields(form)}, {}, labels)
    return [*words, Answer("Files", ", ".join(names))] if names else words


def _file_fields(form: type[Form]) -> list[str]:
    return [name for name, item in form.questions().items() if item.metadata["kind"] == "file"]


def _uploads(name: str) -> list[Any]:
    return [upload for upload in request.files.getlist(name) if upload.filename]
