"""A small site of invented pages that shows every layout and part, served with the product's own style policy."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, Response, flash, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

import workflow_app
from workflow_app.web.diagram import Mark, render

HERE = Path(__file__).parent
WEB = Path(workflow_app.__file__).parent / "web"
PAGES = sorted(path.stem for path in (HERE / "gallery").glob("[!_]*.html"))
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
TRAVELLED = """
    reported to_triage triage to_origin origin vendor_data ask_vendor to_vendor vendor_answer vendor_answered severity
    to_finding finding erroneous vendor_silent late_answer inform_deputy deputy_told deputy_informed
"""
CASE = {**dict.fromkeys(TRAVELLED.split(), Mark("done")), "approve_correction": Mark("overdue", "due 22 Nov")}
SHAPES = {"begin": Mark("done"), "fork": Mark("done"), "some": Mark("current"), "send": Mark("failed"),
          "receive": Mark("current"), "inside": Mark("done")}  # fmt: skip


def picture(name: str, marks: dict[str, Mark], title: str) -> str:
    return render((HERE / "data" / f"{name}.bpmn").read_bytes(), marks, title=title, ids_prefix=f"{name}-")


def gallery() -> Flask:
    app = Flask(__name__, static_folder=str(WEB / "static"), static_url_path="/static")
    app.secret_key = "gallery"
    app.jinja_loader = ChoiceLoader([FileSystemLoader(HERE / "gallery"), FileSystemLoader(WEB / "templates")])  # type: ignore[assignment]
    app.jinja_env.globals["csrf_token"] = lambda: "token"

    @app.get("/<page>")
    def page(page: str) -> str:
        if page == "register":
            flash("Lakeview Police was certified.", "success")
        return render_template(f"{page}.html", **shown())

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


def shown() -> dict[str, object]:
    causes = ["Misread character", "Wrong state", "Stale hot list", "Partial plate", "Cloned plate", "Clock", "Other"]
    return {
        "moment": datetime(2026, 11, 9, 14, 12, tzinfo=UTC),
        "picture": picture("error_review", CASE, "Error review"),
        "shapes": picture("shapes", SHAPES, "Every shape"),
        "causes": [SimpleNamespace(value=place, label=cause, hint="") for place, cause in enumerate(causes)],
        "agencies": [SimpleNamespace(value=n, label=f"Agency {n}", hint="") for n in range(1, 501)],
    }
