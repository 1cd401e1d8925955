"""What a browser has sent with a form of the staff: answers, files, and the key that makes sending twice harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from workflow_app.access import Actor
from workflow_app.cases import files, intake
from workflow_app.cases.answers import faults
from workflow_app.cases.installation import here
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import DomainError, Invalid
from workflow_app.kit import Form
from workflow_app.web.asked import refuse_beside
from workflow_app.web.forms import KEPT_PLATES, answers_from, plates_to_ask_about
from workflow_app.web.once import KEY, once, typed

_NOT_ANSWERS = {"draft", KEPT_PLATES}


@dataclass(frozen=True)
class Sent:
    """Answers as they were typed, and what is wrong with the files that came with them."""

    answers: Mapping[str, Any]
    key: str
    content: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def once(self, actor: Actor, act: Callable[[], str], stands: Callable[[str], bool] = bool) -> str:
        """Do `act` as `web.once` does. Raises Invalid for files that cannot be taken and text to be asked about."""
        if self.errors:
            raise Invalid(self.errors)
        return once(actor, act, self.content, stands=stands)


def take(actor: Actor, form: type[Form], *, beside: frozenset[str] = frozenset()) -> Sent:
    """Read the request: its files are kept, so that a form that comes back with errors does not lose them.

    Raises NotAsked for a field that neither the form has nor `beside` names.
    """
    refuse_beside(form, beside)
    errors: dict[str, list[str]] = {}
    ids: dict[str, list[str]] = {}
    content: dict[str, Any] = {name: given for name, given in typed().items() if name not in _NOT_ANSWERS}
    for name in (name for name, item in form.questions().items() if item.metadata["kind"] == "file"):
        uploads = [upload for upload in request.files.getlist(name) if upload.filename]
        if len(uploads) > files.AT_ONCE:
            errors[name] = [f"Please choose at most {files.AT_ONCE} files."]
            continue
        for upload in uploads:
            _keep(actor, name, upload, ids, errors, content)
    answers = answers_from(form, request.form, ids)
    for name, sentences in plates_to_ask_about(form, answers, request.form).items():
        errors.setdefault(name, []).extend(sentences)
    if errors:  # told together with what the form finds wrong, not one after the other
        for name, sentences in faults(form, answers, here().profile.zone).items():
            errors.setdefault(name, []).extend(sentences)
    return Sent(answers, request.form.get(KEY, ""), content, errors)


def _keep(
    actor: Actor,
    name: str,
    upload: FileStorage,
    ids: dict[str, list[str]],
    errors: dict[str, list[str]],
    content: dict[str, Any],
) -> None:
    data = upload.stream.read()
    content[f"file:{name}:{len(ids.get(name, ()))}"] = sha256(data).hexdigest()
    try:
        looked_at = intake.look(upload.filename or "", upload.mimetype, data)
        with unit_of_work():
            ids.setdefault(name, []).append(files.receive(actor, looked_at, moment()).id)
    except DomainError as error:
        errors.setdefault(name, []).append(error.sentence)
