"""Notices of data breach for everybody: the newest version, each earlier one at its own address, the updates (R45).

No session, no cookie, nothing of the case but its number; made for caches, printers and readers without JavaScript.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from workflow_app.agency.words import local
from workflow_app.cases.installation import here
from workflow_app.errors import NotFound
from workflow_app.registers import notices
from workflow_app.registers.notices import NoticeVersion
from workflow_app.web.link_pages import page

blueprint = Blueprint("notices", __name__)
HEADINGS = (
    ("What Happened", "what_happened"),
    ("What Information Was Involved", "what_information"),
    ("What We Are Doing", "what_we_are_doing"),
    ("What You Can Do", "what_you_can_do"),
    ("For More Information", "more_information"),
)
"""The headings that the statute prescribes, to the letter, and the parts of the text below them."""
TITLE = "Notice of Data Breach"


@blueprint.after_request
def for_caches(response: Response) -> Response:
    """What is public may be kept for five minutes, and is compared by its tag; a refusal is not kept."""
    if response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=300"
        response.add_etag()
        response.make_conditional(request)
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/notices")
def listed() -> Response:
    """Every notice, the newest first."""
    rows = [{"row": each, "when": _day(each), "href": _address(each)} for each in notices.latest()]
    return page("notices/index.html", title="Notices of data breach", rows=rows)


@blueprint.get("/notices/<number>")
@blueprint.get("/notices/<number>/<int:version>")
def show(number: str, version: int | None = None) -> Response:
    """One notice: its newest version, or an earlier one, which stays as it was."""
    versions = notices.versions(number)
    row = versions[-1] if version is None else next((each for each in versions if each.version == version), None)
    if row is None:
        raise NotFound("There is no such version of this notice.")
    text = row.content
    return page(
        "notices/notice.html",
        title=TITLE,
        text=text,
        row=row,
        sections=[(heading, paragraphs(text[part])) for heading, part in HEADINGS],
        contact=paragraphs(text["contact"]),
        changed=paragraphs(text["changed"]),
        published=_day(row),
        newest=versions[-1].version,
        versions=[
            {"version": each.version, "when": _day(each), "href": _address(each, each.version)} for each in versions
        ],
        updates=[
            {"version": each.version, "when": _day(each), "text": paragraphs(each.content["text"])}
            for each in reversed(notices.updates(number))
        ],
    )


@blueprint.get("/notices.json")
def as_json() -> Response:
    """The same for programs: each notice with its versions, texts and hashes."""
    found = [
        {
            "number": each.number,
            "url": _whole(_address(each)),
            "title": TITLE,
            "versions": [_plain(version) for version in notices.versions(each.number)],
            "updates": [_plain(update) for update in notices.updates(each.number)],
        }
        for each in notices.latest()
    ]
    return jsonify(agency=here().profile.name, notices=found)


@blueprint.get("/notices.atom")
def as_feed() -> Response:
    """Notices, their new versions and updates as a feed (RFC 4287), the newest first."""
    entries = [entry for each in notices.latest() for entry in _entries(each.number)]
    entries.sort(key=lambda entry: entry["at"], reverse=True)
    made = make_response(
        render_template(
            "notices/feed.xml", agency=here().profile.name, entries=entries, self_url=_whole(url_for(".as_feed")),
            list_url=_whole(url_for(".listed")), updated=entries[0]["at"] if entries else "1970-01-01T00:00:00Z",
        )
    )  # fmt: skip
    made.mimetype = "application/atom+xml"
    return made


def _entries(number: str) -> list[dict[str, Any]]:
    versions, updates = notices.versions(number), notices.updates(number)
    return [
        *(_entry(each, f"{TITLE}, version {each.version}", _address(each, each.version), "what_happened")
          for each in versions),
        *(_entry(each, f"{TITLE}, update {each.version}", f"{_address(each)}#update-{each.version}", "text")
          for each in updates),
    ]  # fmt: skip


def _entry(row: NoticeVersion, title: str, address: str, part: str) -> dict[str, Any]:
    return {"title": title, "url": _whole(address), "at": _moment(row), "summary": row.content[part]}


def _plain(row: NoticeVersion) -> dict[str, Any]:
    return {"version": row.version, "published_at": _moment(row), "sha256": row.sha256, "text": row.content}


def _address(row: NoticeVersion, version: int | None = None) -> str:
    return url_for("notices.show", number=row.number, version=version)


def _whole(address: str) -> str:
    return f"{here().settings.url.rstrip('/')}{address}"


def _moment(row: NoticeVersion) -> str:
    return row.published_at.isoformat().replace("+00:00", "Z")


def _day(row: NoticeVersion) -> str:
    return local(row.published_at, here().profile.zone, "date")


def paragraphs(text: str) -> Sequence[Sequence[str]]:
    """Paragraphs of lines."""
    return [part.splitlines() for part in text.split("\n\n") if part.strip()]
