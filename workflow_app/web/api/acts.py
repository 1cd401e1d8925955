"""What people say to a case by the API, beside the answers of its forms."""

from __future__ import annotations

from workflow_app.kit import Form, long_text, text


class Together(Form):
    """Another case, and why the two belong together or are one."""

    case = text("Case", "Its number, such as ER-2026-000187.", most=40)
    reason = long_text("Reason", "It stands in the record.")


class Comment(Form):
    """What the external reviewer says about a case."""

    text = long_text("Text", "It stands in the case's record for good.")


class Disagreement(Form):
    """Why the external reviewer disagrees with a decision."""

    reasons = long_text("Reasons", "Whoever answers reads them.")


class MessageToReporter(Form):
    """What is written to whoever reported a case."""

    text = long_text("Text", "They read it by their receipt code. An e-mail says only that there is news.")
