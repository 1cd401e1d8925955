"""The description of the API (OpenAPI 3.1), built from the schemas that check it and the forms of the processes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask_smorest import Api

from workflow_app.kit import Process, json_schema
from workflow_app.registers.forms import AgencyContactForm, HotListSubscriptionForm, NewAgency, NewShareForm
from workflow_app.web.api import schemas
from workflow_app.web.api.blueprint import blueprint

PROBLEM = "application/problem+json"

ABOUT = (
    "Programs act as the person whose token they carry, with that person's roles and no more. "
    "Every error is application/problem+json. Lists are `{items, next}`; `page` takes the `next` of the page before."
)
AREAS = {
    "processes": "What can be opened.",
    "cases": "Running and closed cases.",
    "tasks": "Work that waits for somebody.",
    "registers": "Partner agencies, shares and hot lists.",
}
_FORMS = (schemas.Reassignment, NewAgency, AgencyContactForm, NewShareForm, HotListSubscriptionForm)


class _DescribedApi(Api):  # type: ignore[misc]  # flask-smorest carries no types
    """flask-smorest's Api for its description alone: errors stay with `web.problems`."""

    ERROR_SCHEMA = schemas.Problem

    def _register_error_handlers(self) -> None:
        """`web.problems` answers every error of the application."""


def description(app: Flask, processes: Iterable[Process]) -> dict[str, Any]:
    """The description of the API that this application serves."""
    api = _DescribedApi(
        app,
        spec_kwargs={
            "title": "ALPR Casework",
            "version": "1",
            "openapi_version": "3.1.0",
            "info": {"description": ABOUT},
            "security": [{"bearer": []}],
            "tags": [{"name": area, "description": words} for area, words in AREAS.items()],
        },
    )
    components = api.spec.components
    components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    components.parameter("IDEMPOTENCY_KEY", "header", _IDEMPOTENCY_KEY)
    blueprint.register_views_in_doc(api, app, api.spec, name=blueprint.name, parameters=None)
    components.schemas.pop("PaginationMetadata", None)  # lists here are `{items, next}`
    _describe_forms(components.schemas, list(processes))
    for response in components.responses.values():
        if "application/json" in response.get("content", {}):
            response["content"] = {PROBLEM: response["content"].pop("application/json")}
    described: dict[str, Any] = api.spec.to_dict()
    return described


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "description": "1 to 200 characters of your own. Sent again within 24 hours with the same content, the request "
    "has no second effect and the same answer; with other content it is refused (422).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}


def _describe_forms(known: dict[str, Any], processes: list[Process]) -> None:
    """One schema for each form of a process, and the bodies that carry them."""
    for process in processes:
        for step, form in {"start": process.start, **process.forms}.items():
            known[f"{process.id}.{step}"] = {"title": f"{process.title}: {step}", **json_schema(form)}
    known["OpenCase"] = {"oneOf": [_opening(process) for process in processes if process.opened_by]}
    steps = [_ref(f"{process.id}.{step}") for process in processes for step in process.forms]
    known["Completion"] = _object({"answers": {"description": "By the step of the task.", "anyOf": steps}})
    for form in _FORMS:
        name = form.__name__.removesuffix("Form")
        if name in known:
            known[name] = json_schema(form)


def _opening(process: Process) -> dict[str, Any]:
    return _object({"process": {"const": process.id}, "answers": _ref(f"{process.id}.start")})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": [*properties], "properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
