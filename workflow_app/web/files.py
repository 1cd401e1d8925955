"""Handing out uploaded files, inert: always a download, never shown inside our own pages."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, send_file

from workflow_app.cases import files, reads
from workflow_app.db import unit_of_work
from workflow_app.web import headers, staff

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/<file_id>")
def download(file_id: str) -> Response:
    """A file of a case that the reader may see."""
    actor = staff.me()
    row = files.visible(actor, file_id)
    content, number = files.content_of(row), files.number_of(row)
    with unit_of_work():  # without the entry there is no file
        reads.note_case(actor, number, f"File {row.sha256[:12]}")
    response = send_file(
        BytesIO(content), mimetype=row.media_type, as_attachment=True, download_name=row.name, etag=False
    )
    response.headers["Content-Security-Policy"] = headers.FILES
    return response
