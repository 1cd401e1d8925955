"""People with an account, their roles, and the tokens by which programs act for them."""

from workflow_app.people.models import ApiToken, Person, PersonRole
from workflow_app.people.queries import (
    above_a_vacancy,
    actor_for,
    by_email,
    by_employee_number,
    everybody,
    holders,
    members,
    names_of,
    person,
    recipient_of,
)
from workflow_app.people.tokens import issue_token, person_of_token

__all__ = [
    "ApiToken", "Person", "PersonRole", "above_a_vacancy", "actor_for", "by_email", "by_employee_number",
    "everybody", "holders", "issue_token", "members", "names_of", "person", "person_of_token", "recipient_of",
]  # fmt: skip
