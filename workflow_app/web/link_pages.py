"""What outsiders see: the one thing asked of them, their receipt, and the pages for links that lead nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import make_response, render_template, url_for
from werkzeug.wrappers import Response

from workflow_app.agency.words import local
from workflow_app.cases import files, links, tasks
from workflow_app.cases.files import Attachment
from workflow_app.cases.installation import here
from workflow_app.cases.models import Answers, Case, Link, Task
from workflow_app.db import moment, session
from workflow_app.errors import DomainError, Invalid
from workflow_app.kit import Form, Option
from workflow_app.web import link_proof, staff
from workflow_app.web.answered import Answer, readable
from workflow_app.web.forms import views

_LONG = 60
"""Facts of more characters stand below the others, in paragraphs."""


def page(template: str, status: int = 200, **shown: Any) -> Response:
    """A page with the agency's letterhead; it needs no session and no account."""
    house = here()
    agency = {"name": house.profile.name, "contact": house.settings.mail_from}
    return make_response(render_template(template, agency=agency, **shown), status)


def form(
    link: Link, csrf: str, *, given: Mapping[str, Any] | None = None, error: DomainError | None = None
) -> Response:
    """What is asked and the form for it; after a refusal with everything that was typed."""
    case, task = case_and_task(link)
    house = here()
    wrong = error.fields if isinstance(error, Invalid) else {}
    schema = house.registry[case.process_id].forms[task.step]
    options = {**tasks.options_for(case, task), **_received(link, schema, given or {})}
    fields = views(schema, values=given, errors=wrong, options=options, zone=house.profile.zone)
    named = {field.name for field in fields}
    summary = [sentence for name, found in wrong.items() if name not in named for sentence in found]
    if error is not None and not wrong:
        summary = [error.sentence]
    facts = tasks.shown_facts(case, task)
    return page(
        "links/act.html",
        error.status if error is not None else 200,
        title=task.name,
        has_errors=error is not None,
        process=house.registry[case.process_id].title,
        asked=links.addressed(link),
        badge=staff.due(task.due_at, moment()),
        brief=[{"label": label, "value": value} for label, value in facts.items() if len(value) <= _LONG],
        long=[(label, value.splitlines()) for label, value in facts.items() if len(value) > _LONG],
        action=url_for("links.act", link_id=link.id),
        csrf=csrf,
        fields=fields,
        has_files=any(field.kind == "file" for field in fields),
        summary=summary,
    )


def receipt(link: Link, following: Sequence[tuple[Link, Task]]) -> Response:
    """What was recorded, by whom and when, under its code; and what else is asked, if anything."""
    case, task = case_and_task(link)
    house = here()
    given = session().scalars(sa.select(Answers).where(Answers.task_id == task.id)).one()
    process = house.registry[case.process_id]
    return page(
        "links/receipt.html",
        title="Your answer is on record",
        code=link.receipt,
        check_at=f"{house.settings.url.rstrip('/')}{url_for('receipts.ask')}",
        check_href=url_for("receipts.check", code=link.receipt),
        facts=[
            {"label": "Case", "value": case.number},
            {"label": "What", "value": f"{process.title}: {task.name}"},
            {"label": "Recorded", "value": local(given.at, house.profile.zone)},
            {"label": "By the link sent to", "value": given.by_label},
        ],
        answers=_recorded(process.forms[task.step], given.values, given.labels),
        following=[{"name": task.name, "href": url_for("links.show", link_id=other.id)} for other, task in following],
    )


def not_valid() -> Response:
    """One page for every link that opens nothing: forged, cut short, expired, stopped, revoked or replaced."""
    return page("links/not_valid.html", 404, title="This link does not work", **_asking())


def new_link(*, typed: str = "", error: Invalid | None = None) -> Response:
    """Where whoever has no working link asks for one."""
    wrong = error.fields["email"] if error is not None else []
    return page(
        "links/new_link.html", 422 if wrong else 200, title="Ask for a new link", has_errors=bool(wrong),
        **_asking(typed, wrong),
    )  # fmt: skip


def asked() -> Response:
    """The answer to whoever asked for a new link, whether there is one for them or not."""
    return page("links/asked.html", title="Please look into your mailbox")


def superseded() -> Response:
    """What the link is about has changed since it was sent."""
    return page("links/superseded.html", 409, title="This notice was superseded", **_asking())


def too_many(seconds: int) -> Response:
    """So many wrong tries came from one place that the next have to wait."""
    response = page("links/too_many.html", 429, title="Please wait a minute")
    response.headers["Retry-After"] = str(seconds)
    return response


def _asking(typed: str = "", errors: Sequence[str] = ()) -> dict[str, Any]:
    """The form for a new link. It is the same for everybody: its token stands for our page alone."""
    field = {"name": "email", "kind": "email", "label": "Your e-mail address", "required": True, "value": typed,
             "hint": "The one at which you got the e-mail. What is still asked of you is sent there once more.",
             "autocomplete": "email", "max_length": 254,
             "errors": list(errors)}  # fmt: skip
    return {"ask_field": field, "ask_at": url_for("links.ask_for_link"), "ask_csrf": link_proof.csrf("")}


def open_again() -> Response:
    """The address without its cookie: a copied address, another browser, or one that was closed meanwhile."""
    return page("links/open_again.html", 404, title="Open the link in your e-mail again")


def not_needed(link: Link) -> Response:
    """The case has moved on without this answer."""
    case, task = case_and_task(link)
    return page("links/not_needed.html", 410, title="Your answer is no longer needed", task=task.name, case=case.number)


def not_from_here() -> Response:
    """The form was sent from somewhere else, or from a page of before a newer link."""
    return page("links/not_from_here.html", 403, title="This was not sent from our page")


def case_and_task(link: Link) -> tuple[Case, Task]:
    """What the link is about."""
    return session().get_one(Case, link.case_id), session().get_one(Task, link.task_id)


def _received(link: Link, form: type[Form], given: Mapping[str, Any]) -> dict[str, list[Option]]:
    """Files that came with a form that was refused: they need not be chosen again."""
    names = [name for name, item in form.questions().items() if item.metadata["kind"] == "file"]
    ids = [str(each) for name in names for each in given.get(name) or ()]
    kept = files.received(links.holder(link), ids) if ids else {}
    return {name: [Option(value=file_id, label=label) for file_id, label in kept.items()] for name in names}


def _recorded(form: type[Form], values: Mapping[str, Any], labels: Mapping[str, Mapping[str, str]]) -> list[Answer]:
    """The answers in words; files by name, since an outsider may send but not fetch them."""
    kinds = {name: item.metadata["kind"] for name, item in form.questions().items()}
    sent = [str(each) for name, kind in kinds.items() if kind == "file" for each in values.get(name) or ()]
    names = session().scalars(sa.select(Attachment.name).where(Attachment.id.in_(sent)).order_by(Attachment.name))
    words = readable(form, {name: value for name, value in values.items() if kinds.get(name) != "file"}, {}, labels)
    return [*words, Answer("Files", ", ".join(names))] if sent else words
