"""The answers of the short form, checked as they were sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_app.cases import answers, telling
from workflow_app.cases.installation import here
from workflow_app.errors import Invalid
from workflow_app.kit import Form
from workflow_app.web.sent import Sent


def checked(form: type[Form], got: Sent) -> Mapping[str, Any]:
    """What was answered. Raises Invalid with a sentence for each field that is wrong."""
    if got.errors:
        raise Invalid(got.errors)
    house = here()
    offered = {name: each for name, each in telling.options().items() if name in form.questions()}
    return answers.accept(
        form, got.answers, zone=house.profile.zone, plate_key=house.settings.plate_key, options=offered
    ).values
