"""Handing out uploaded files, inert: always a download, never shown inside our own pages."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, send_file

from workflow_app.cases import files
from workflow_app.web import headers, staff

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/<file_id>")
def download(file_id: str) -> Response:
    """A file of a case that the reader may see."""
    row = files.visible(staff.me(), file_id)
    response = send_file(
        BytesIO(files.content_of(row)), mimetype=row.media_type, as_attachment=True, download_name=row.name, etag=False
    )
    response.headers["Content-Security-Policy"] = headers.FILES
    return response
