"""Somebody without an account who reports something, at a browser that keeps no cookie."""

from __future__ import annotations

import re
from typing import Any

from outsider_stage import Browser
from werkzeug.test import TestResponse

TOLD: dict[str, str] = {
    "subject": "violation_review", "kind": "violation_review:V10", "what": "A kestrel signs in.", "harm": "none",
    "on": "2026-11-08", "rough": "in the evening", "where": "Briefing room", "who": "A former colleague",
    "above": "no", "way": "anonymous", "name": "", "email": "",
}  # fmt: skip
"""A report as a browser sends it: anonymous, of a sign-in that should not be there any more."""


def hidden(page: TestResponse, name: str) -> str:
    """The value of a hidden field."""
    [found] = re.findall(rf'type="hidden" name="{name}" value="([^"]+)"', page.text)
    return str(found)


def code_on(page: TestResponse) -> str:
    """The receipt code that a page shows."""
    [found] = re.findall(r"\b(?:[A-Z2-9]{4}-){4}[A-Z2-9]{4}\b", page.text)
    return str(found)


class Teller(Browser):
    """They need no account, and get no cookie."""

    def fill(self, **told: Any) -> dict[str, Any]:
        """A new form, filled in."""
        return {**TOLD, "idempotency_key": hidden(self.open("/tell"), "idempotency_key"), **told}

    def post(self, path: str, form: dict[str, Any], status: int = 200, **more: Any) -> TestResponse:
        """Send a form."""
        answer = self.open(path, "POST", data=form, **more)
        assert answer.status_code == status, re.findall(r"<h1>.*?</h1>|field-error[^<]*<", answer.text)
        assert "Set-Cookie" not in answer.headers
        return answer

    def tell(self, **told: Any) -> str:
        """Report something; returns the receipt code."""
        return code_on(self.post("/tell", self.fill(**told)))

    def follow(self, code: str, status: int = 200) -> TestResponse:
        """Look how the report stands."""
        return self.post("/tell/follow", {"code": code}, status)

    def reply(self, page: TestResponse, status: int = 200, **said: Any) -> TestResponse:
        """Write on a report's page."""
        kept = {name: hidden(page, name) for name in ("idempotency_key", "pass")}
        return self.post("/tell/follow/answer", {**kept, "text": "", **said}, status)
