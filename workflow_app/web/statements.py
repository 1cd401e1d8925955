"""Yearly statements of the external reviewer for everybody, each at an address that stays (R25).

No session, no cookie, nothing of any case but the numbers that may be shown; made for caches, printers and readers
without JavaScript.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, url_for
from werkzeug.wrappers import Response

from workflow_app.agency.words import local
from workflow_app.cases.installation import here
from workflow_app.registers import statements
from workflow_app.registers.statements import Public
from workflow_app.web import statement_figures
from workflow_app.web.link_pages import page
from workflow_app.web.notices import for_caches, paragraphs

blueprint = Blueprint("statements", __name__)
blueprint.after_request(for_caches)


@blueprint.get("/statements")
def listed() -> Response:
    """Every statement, the latest year first."""
    rows = [{"year": each.year, "when": _day(each), "href": _address(each)} for each in statements.public()]
    return page("statements/index.html", title="Statements of the external reviewer", rows=rows)


@blueprint.get("/statements/<int(max=9999):year>")
def show(year: int) -> Response:
    """One year's statement, with the agency's answer."""
    found = statements.of_year(year)
    return page(
        "statements/statement.html",
        title=f"Statement of the external reviewer about {found.year}",
        found=found,
        text=found.content,
        published=_day(found),
        statement=paragraphs(found.content["statement"]),
        answer=paragraphs(found.answer),
        **statement_figures.shown(found.content["figures"], found.content["least"]),
    )


@blueprint.get("/statements.json")
def as_json() -> Response:
    """The same for programs."""
    return jsonify(agency=here().profile.name, statements=[_plain(each) for each in statements.public()])


def _plain(each: Public) -> dict[str, Any]:
    return {
        "year": each.year,
        "url": f"{here().settings.url.rstrip('/')}{_address(each)}",
        "published_at": each.published_at.isoformat().replace("+00:00", "Z"),
        "sha256": each.sha256,
        "statement": each.content,
        "answer": each.answer,
    }


def _address(each: Public) -> str:
    return url_for("statements.show", year=each.year)


def _day(each: Public) -> str:
    return local(each.published_at, here().profile.zone, "date")
