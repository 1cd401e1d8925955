"""What a password must be, told beside its field when it is chosen."""

from __future__ import annotations

from typing import Any

from flask_security import PasswordUtil

from workflow_app.cases.installation import here
from workflow_app.people import passwords


class PasswordRules(PasswordUtil):
    """Flask-Security's own checks of length and composition, replaced by one that says why."""

    def validate(self, password: str, is_register: bool, **about: Any) -> tuple[list[str] | None, str]:
        """See `PasswordUtil`."""
        given, whose = self.normalize(password), about.get("user")
        person = [whose.name, whose.email.partition("@")[0], whose.unit, whose.employee_number or ""] if whose else []
        agency = [here().profile.name, whose.email.partition("@")[2] if whose else ""]
        why = passwords.fault(given, person=person, agency=agency)
        return ([why] if why else None), given
