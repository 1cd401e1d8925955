"""The API described: for programs at /openapi.json, for people at /docs/api. Both are open to all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template

from workflow_app.cases.installation import here
from workflow_app.web.api.openapi import AREAS, description

blueprint = Blueprint("api-docs", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description (OpenAPI 3.1)."""
    return Response(json.dumps(described(current_app), indent=1) + "\n", mimetype="application/json")


@blueprint.get("/docs/api")
def page() -> str:
    """The same for people, without a script."""
    found = described(current_app)
    return render_template(
        "api/reference.html",
        title="The API",
        lead=found["info"]["description"].replace("`", ""),
        areas=[(area, words, list(_operations(found, area))) for area, words in AREAS.items()],
        schemas=[(name, json.dumps(schema, indent=2)) for name, schema in found["components"]["schemas"].items()],
    )


def described(app: Flask) -> dict[str, Any]:
    """The description, made when it is first asked for: most processes never are."""
    known: dict[str, Any] | None = app.extensions.get("alpr.api")
    if known is None:
        known = app.extensions["alpr.api"] = description(app, here().registry)
    return known


def _operations(found: dict[str, Any], area: str) -> Iterator[dict[str, Any]]:
    for path, verbs in found["paths"].items():
        for verb, operation in verbs.items():
            if verb != "parameters" and area in operation["tags"]:
                yield {
                    "call": f"{verb.upper()} {path}",
                    "summary": operation["summary"],
                    "parameters": [_parameter(found, one) for one in operation.get("parameters", [])],
                    "body": _schema_name(operation.get("requestBody", {})),
                    "answers": [_answer(*one) for one in sorted(operation["responses"].items())],
                }


def _parameter(found: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in parameter:
        parameter = found["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
    needed = ", required" if parameter.get("required") else ""
    return {
        "label": f"{parameter['name']} ({parameter['in']}{needed})",
        "value": parameter.get("description", "").replace("`", ""),
    }


def _answer(status: str, answer: dict[str, Any]) -> str:
    if status == "default":
        return "a problem for every other error"
    if "$ref" in answer:
        return f"{status} {answer['$ref'].rpartition('/')[2].replace('_', ' ').lower()}"
    return f"{status} {_schema_name(answer)}".strip()


def _schema_name(part: dict[str, Any]) -> str:
    """The name of the schema that a body or an answer has, or its media type."""
    for media_type, content in part.get("content", {}).items():
        reference: str = content.get("schema", {}).get("$ref", "")
        return reference.rpartition("/")[2] or media_type
    return ""
