"""Writes docs/openapi.json anew, after a route or a form has changed: python tests/api/publish_description.py"""

from pathlib import Path

from workflow_app.app import create_app
from workflow_app.settings import Settings

PUBLISHED = Path(__file__).parents[2] / "docs" / "openapi.json"


def built() -> str:
    """The description as the application serves it; no database is asked."""
    app = create_app(Settings(database_url="sqlite://", development=True), ring=lambda _job, _id: False)
    return app.test_client().get("/openapi.json").text


if __name__ == "__main__":
    PUBLISHED.write_text(built(), encoding="utf-8")
