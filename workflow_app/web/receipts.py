"""Anybody who was shown a receipt can check its code: what kind of act, on which day, for which case, no more."""

from __future__ import annotations

import re

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from workflow_app.agency.words import local
from workflow_app.cases import receipts
from workflow_app.cases.installation import here
from workflow_app.cases.models import Link
from workflow_app.db import session
from workflow_app.web.link_pages import case_and_task, page

blueprint = Blueprint("receipts", __name__)

_CODE = re.compile(r"(?:[A-Z2-9]{4}-){2}[A-Z2-9]{4}")


@blueprint.after_request
def no_store(response: Response) -> Response:
    """Neither browsers nor search engines keep what stands behind a code."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/receipts")
def ask() -> Response:
    """The form to type a code into."""
    code = request.args.get("code", "")
    if not code.strip():
        return page("receipts/ask.html", title="Check a receipt", code="")
    written = as_written(code)
    return redirect(url_for("receipts.check", code=written), 303) if written else _unknown(code)


@blueprint.get("/receipts/<code>")
def check(code: str) -> Response:
    """What the act with this code was."""
    written = as_written(code)
    link = session().scalar(sa.select(Link).where(Link.receipt == written)) if written else None
    if link is None or link.used_at is None:
        return _unknown(code)
    case, task = case_and_task(link)
    house = here()
    kept = receipts.of_code(link.receipt or "")
    signature, record = _checked(kept)
    genuine = kept is None or (receipts.is_on_record(kept) and not receipts.is_forged(kept))
    return page(
        "receipts/shown.html",
        title="This receipt is genuine" if genuine else "This receipt cannot be confirmed",
        code=written,
        facts=[
            {"label": "What", "value": f"{house.registry[case.process_id].title}: {task.name}"},
            {"label": "On", "value": local(link.used_at, house.profile.zone, "date")},
            {"label": "Case", "value": case.number},
        ],
        proof=[{"label": "Signature", "value": signature}, {"label": "Our record", "value": record}],
        signed=kept is not None,
    )


@blueprint.get("/receipts/<code>/receipt.json")
def download(code: str) -> Response:
    """The receipt word for word as it was signed, with its signature over exactly those bytes of `receipt`."""
    written = as_written(code)
    kept = receipts.of_code(written) if written else None
    if kept is None:
        return _unknown(code)
    body = f'{{"receipt":{kept.document},"signature":"{kept.signature}"}}'
    headers = {"Content-Disposition": f'attachment; filename="receipt-{written}.json"'}
    return Response(body, mimetype="application/json", headers=headers)


@blueprint.get("/receipts/key.pem")
def public_key() -> Response:
    """The Ed25519 key that checks every receipt of this service."""
    return Response(receipts.public_key(), mimetype="application/x-pem-file")


def _checked(kept: receipts.Receipt | None) -> tuple[str, str]:
    """What came of checking the signature, and of comparing the receipt with answers and record."""
    if kept is None:
        return "None: it was given before receipts were signed", "The answer is on record"
    if receipts.is_genuine(kept):
        signature = "Valid: this is what we signed"
    elif receipts.is_forged(kept):
        signature = "Not valid: this is not what we signed"
    else:
        signature = "Made with an earlier key of this service, which cannot be checked here"
    same = receipts.is_on_record(kept)
    return signature, "Answer and record are unchanged" if same else "The answer is no longer the one that was signed"


def _unknown(code: str) -> Response:
    return page("receipts/ask.html", 404, title="Check a receipt", code=code[:40], unknown=True, has_errors=True)


def as_written(typed: str) -> str | None:
    """The code as it stands on receipts, however it was typed; None when it cannot be one."""
    bare = re.sub(r"[\s-]", "", typed).upper()
    code = "-".join(bare[start : start + 4] for start in range(0, len(bare), 4))
    return code if _CODE.fullmatch(code) else None
