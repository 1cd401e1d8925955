"""The API's blueprint, and the few decorators its routes are written in.

    @get("/tasks/<task_id>", area="tasks")
    @answers(200, schemas.Task)
    def task(task_id: str) -> Answer: ...

Each also tells the OpenAPI description what it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema

from workflow_app.errors import NotFound
from workflow_app.registers.plain_text import is_storable
from workflow_app.web.api.reading import Reader

Answer = Any
"""What a route returns: a body, or a body with a status and headers, or a whole response."""

RouteT = TypeVar("RouteT", bound=Callable[..., Answer])


class Decorator(Protocol):
    """What adds to a route and leaves its type alone."""

    def __call__(self, route: RouteT, /) -> RouteT: ...


blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.ARGUMENTS_PARSER = Reader()


def get(rule: str, *, area: str) -> Decorator:
    """A route that reads. `area` is the heading under which it is described."""
    return _route("GET", rule, area)


def post(rule: str, *, area: str) -> Decorator:
    """A route that acts."""
    return _route("POST", rule, area)


def patch(rule: str, *, area: str) -> Decorator:
    """A route that changes some fields of something."""
    return _route("PATCH", rule, area)


def _route(method: str, rule: str, area: str) -> Decorator:
    def attach(route: RouteT) -> RouteT:
        named: Decorator = blueprint.doc(operationId=route.__name__)
        at: Decorator = blueprint.route(rule, methods=[method], tags=[area])
        return at(named(route))

    return attach


def takes(body: type[Schema] | Schema) -> Decorator:
    """The JSON body, checked; the route gets it as its first argument."""
    return _typed(blueprint.arguments(body))


def asks(query: type[Schema]) -> Decorator:
    """The query string, checked; the route gets it as its first argument."""
    return _typed(blueprint.arguments(query, location="query"))


def answers(status: int, schema: type[Schema] | None = None, **described: Any) -> Decorator:
    """The answer when all goes well."""
    return _typed(blueprint.response(status, schema, **described))


def describes(*, headers: tuple[str, ...] = (), fails: tuple[int, ...] = (), **more: Any) -> Decorator:
    """Request headers (names of components) and errors beyond the ordinary, for the description alone."""
    doc: dict[str, Any] = {**more}
    if headers:
        doc["parameters"] = list(headers)
    if fails:
        doc["responses"] = {status: HTTPStatus(status).name for status in fails}
    return _typed(blueprint.doc(**doc))


def _typed(decorator: Any) -> Decorator:
    """flask-smorest carries no types; its decorators leave a route's own untouched."""
    typed: Decorator = decorator
    return typed


def _refuse_odd_addresses() -> None:
    """An address with characters that no database stores names nothing."""
    named: Mapping[str, object] = request.view_args or {}
    if not all(is_storable(str(part)) for part in named.values()):
        raise NotFound


def _finish(response: Response) -> Response:
    """Without a token, say what is wanted; for an answer that the caller has already (If-None-Match), say only that."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="ALPR Casework"'
    response.make_conditional(request)
    return response


blueprint.before_request(_refuse_odd_addresses)
blueprint.after_request(_finish)
