"""What a load balancer is told: each part by its name, and nothing of a part that the installation does without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workflow_app.app import create_app
from workflow_app.settings import Settings


def failing(**more: Any) -> list[str]:
    app = create_app(Settings(development=True, **more), ring=lambda _job, _id: False)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    names: list[str] = answer.get_json()["failing"]
    return names


def test_the_parts_that_do_not_answer_are_named_and_redis_only_where_there_is_one(tmp_path: Path) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    assert failing(database_url=empty) == ["migrations", "ticker"]
    away = f"unix://{tmp_path / 'nobody.sock'}"
    assert failing(database_url=empty, redis_url=away) == ["migrations", "redis", "ticker"]
    nowhere = f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite3'}"
    assert failing(database_url=nowhere) == ["database", "migrations", "ticker"]
