"""Whatever is typed into any form of any process is text wherever it shows: pages, e-mails, files, the record."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from access_stage import Looker
from markupsafe import escape
from monkey import HOSTILE, UNSEEN, Monkey
from pages import Reader, fields_of, parsed
from werkzeug.test import TestResponse

from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Task
from workflow_app.db import session
from workflow_app.kit import Form
from workflow_app.play import Play
from workflow_app.web.answered import readable
from workflow_app.web.forms import views


def test_what_is_typed_stays_text_on_every_page_mail_and_file(play: Play) -> None:
    monkey = Monkey(play)
    monkey.roam()
    assert len(monkey.filled) > 30
    shown = 0
    lookers = {part: Looker(play, part) for part in ("administrator", "reviewer", "board", "records")}
    numbers = [case.number for case in session().scalars(sa.select(Case))]
    task_ids = [task.id for task in session().scalars(sa.select(Task))]
    assert len(numbers) > 12
    for looker in lookers.values():
        pages = [f"/cases/{number}" for number in numbers]
        pages += ["/", "/cases", "/incidents", "/record", "/registers/agencies", "/registers/access", "/offices"]
        for path in pages:
            answer = looker.ask(path)
            if answer.status_code == 200:
                is_text(answer)
                shown += escape(HOSTILE) in answer.text
            assert answer.status_code in {200, 403, 404}, path
    assert shown > 12
    reviewer = lookers["reviewer"]
    for path in [f"/api/v1/cases/{number}{more}" for number in numbers for more in ("", "/events", "/diagram.svg")]:
        answer = reviewer.ask(path)
        assert answer.status_code in {200, 404}, path
        assert "<script>x" not in answer.text or answer.is_json, path
    assert {reviewer.ask(f"/api/v1/tasks/{task_id}").status_code for task_id in task_ids} <= {200, 404}
    with reviewer.ask("/record/export", "POST", purpose="The yearly audit of 2026.", **{"as": "csv"}) as file:
        cells = [cell for row in csv.reader(io.StringIO(file.text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]
    for mail in play.postbox.mails:
        assert "\n" not in mail.subject
        assert "a49z" not in f"{mail.subject}{mail.text}{mail.html}"
        assert "<script>x" not in mail.html, mail.subject


def test_every_form_shows_it_as_text_when_it_comes_back_and_when_it_is_on_record(play: Play) -> None:
    page = play.app.jinja_env.from_string(
        '{% import "macros/forms.html" as forms %}{% import "macros/case.html" as cases with context %}'
        "<!doctype html><html lang=en><title>x</title><body>{{ forms.form_fields(fields) }}{{ cases.answered(said) }}"
    )
    house, looked_at = here(), 0
    for process in house.registry:
        for form in {process.start, *process.forms.values()}:
            typed = hostile(form)
            errors = {name: [HOSTILE] for name in typed}
            with play.app.test_request_context("/"):
                fields = views(form, values=typed, errors=errors, zone=house.profile.zone)
                text = page.render(fields=fields, said=readable(form, typed, {}))
            assert HOSTILE not in text, (process.id, form.__name__)
            assert "a49z" not in text
            looked_at += 1
    assert looked_at > 60


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_nobody_can_see_is_refused_and_never_a_fault(play: Play, unseen: str) -> None:
    officer = Reader(play, "administrator")
    for process in here().registry:
        if not process.opened_by & play.administrator.roles:
            continue
        path = f"/report/{process.id}"
        hidden = fields_of(officer.open(path), path)
        typed = {name: unseen for name, item in process.start().fields.items()
                 if item.metadata["kind"] in {"text", "long", "email", "plate"}}  # fmt: skip
        sent = "&".join(f"{name}={_quoted(value)}" for name, value in {**hidden, **typed}.items())
        kind = "application/x-www-form-urlencoded"
        answer = officer.open(path, "POST", data=sent.encode(), content_type=kind)
        # Half a character that no browser sends is read as the sign for "unreadable", which is text like any other.
        assert answer.status_code in ({303, 400, 422} if unseen == "\ud800" else {400, 422}), process.id
        assert "\u202e" not in answer.text.partition("<h1>")[0]
    for case in session().scalars(sa.select(Case)):
        assert unseen not in case.title


def hostile(form: type[Form]) -> dict[str, object]:
    """The hostile text in each field that takes text, and in those that do not."""
    return {
        name: [HOSTILE] if item.metadata["kind"] in {"choices", "quiz", "file"} else HOSTILE
        for name, item in form().fields.items()
    }


def is_text(answer: TestResponse) -> None:
    """Fails where a page has anything in it that acts, beside its own scripts and pictures."""
    assert "a49z" not in answer.text
    for element in parsed(answer).iter():
        if isinstance(element.tag, str):
            assert not (element.tag == "script" and element.text), "a script of somebody else"
            assert not [name for name in element.attrib if name.lower().startswith("on")], element.attrib


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))
