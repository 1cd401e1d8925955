"""Pages for people, the interface for programs, and the picture of a case."""

from workflow_app.web.setup import register

__all__ = ["register"]
