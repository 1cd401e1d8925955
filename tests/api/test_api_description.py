"""The description of the API: complete, true to the forms, and the one that is published in docs/."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from publish_description import PUBLISHED

from processes import ALL
from workflow_app.app import create_app
from workflow_app.kit import json_schema
from workflow_app.settings import Settings


@pytest.fixture(scope="module")
def shipped_app() -> Flask:
    """The application with the processes that ship with it; no database is asked."""
    return create_app(Settings(database_url="sqlite://", development=True), ring=lambda _job, _id: False)


@pytest.fixture(scope="module")
def described(shipped_app: Flask) -> Any:
    """The description as anybody gets it, without a token."""
    answer = shipped_app.test_client().get("/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def test_the_published_description_is_the_one_that_is_served(described: Any) -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert published == described, "write it anew: python tests/api/publish_description.py"


def test_every_route_is_described(shipped_app: Flask, described: Any) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in shipped_app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    told = {(path, verb) for path, verbs in described["paths"].items() for verb in verbs if verb != "parameters"}
    assert served == told


def test_every_operation_says_what_it_does_and_how_it_fails(described: Any) -> None:
    names = [operation["operationId"] for operation in _operations(described)]
    assert len(names) == len(set(names))
    for operation in _operations(described):
        assert operation["summary"].endswith(".")
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}
        for parameter in operation.get("parameters", []):
            assert "$ref" in parameter or parameter["schema"]
    for response in described["components"]["responses"].values():
        assert set(response.get("content", {})) <= {"application/problem+json"}


def test_every_form_of_every_process_is_a_schema(described: Any) -> None:
    schemas = described["components"]["schemas"]
    for process in ALL:
        for step, form in {"start": process.start, **process.forms}.items():
            assert json_schema(form).items() <= schemas[f"{process.id}.{step}"].items()
    opened = {one["properties"]["process"]["const"] for one in schemas["OpenCase"]["oneOf"]}
    assert opened == {process.id for process in ALL if process.opened_by}


def test_every_reference_leads_somewhere(described: Any) -> None:
    for reference in _references(described):
        place = described
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place


def test_callers_sign_in_with_a_bearer_token(described: Any) -> None:
    assert described["openapi"].startswith("3.1")
    assert described["security"] == [{"bearer": []}]
    assert described["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}


def test_people_read_the_same_without_signing_in(shipped_app: Flask, described: Any) -> None:
    page = shipped_app.test_client().get("/docs/api")
    assert page.status_code == 200
    for path in described["paths"]:
        assert path in page.text
    for schema in described["components"]["schemas"]:
        assert schema in page.text


def _operations(described: Any) -> Iterator[Any]:
    for verbs in described["paths"].values():
        yield from (operation for verb, operation in verbs.items() if verb != "parameters")


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)
