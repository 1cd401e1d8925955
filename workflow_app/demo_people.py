"""The people of the demo agency and what they sign in with, as the sign-in page shows them."""

from __future__ import annotations

from workflow_app.access import Role

PASSWORD = "riverton-demo-agency-2026"  # noqa: S105 - printed at every start of the demo
"""What every demo person signs in with."""

RECEIPT_KEY = f"1794243600-{'d' * 24}"
"""The key of the form by which the demo's anonymous report was sent; its receipt code is computed from it."""

CAST: list[tuple[str, str, list[Role]]] = [
    ("Dana Reyes", "officer", [Role.STAFF]),
    ("Luis Ortega", "ortega", [Role.STAFF]),
    ("Mina Novak", "novak", [Role.STAFF]),
    ("Joon Kim", "supervisor", [Role.STAFF, Role.SUPERVISOR]),
    ("Priya Nair", "administrator", [Role.STAFF, Role.PROGRAMME_ADMINISTRATOR]),
    ("Abe Lindqvist", "trainer", [Role.STAFF, Role.TRAINING_COORDINATOR]),
    ("Marta Alvarez", "chief", [Role.STAFF, Role.CHIEF_EXECUTIVE]),
    ("Owen Price", "deputy", [Role.STAFF, Role.DEPUTY_CHIEF]),
    ("Ruth Okafor", "records", [Role.STAFF, Role.RECORDS_OFFICER]),
    ("Ivo Brandt", "investigator", [Role.STAFF, Role.INTERNAL_AFFAIRS]),
    ("Sam Ito", "security", [Role.STAFF, Role.SECURITY_OFFICER]),
    ("Tess Moreau", "counsel", [Role.COUNSEL]),
    ("Lena Fischer", "reviewer", [Role.EXTERNAL_REVIEWER]),
    ("Nadia Haddad", "board", [Role.OVERSIGHT_BOARD]),
]

UNITS: dict[str, tuple[str, str, str]] = {
    "chief": ("Office of the chief", "1001", ""),
    "deputy": ("Office of the chief", "1002", "chief"),
    "supervisor": ("Patrol East", "2107", "deputy"),
    "officer": ("Patrol East", "4711", "supervisor"),
    "ortega": ("Investigations", "4718", "supervisor"),
    "novak": ("Traffic", "4725", "supervisor"),
    "administrator": ("Professional standards", "3004", "deputy"),
    "trainer": ("Professional standards", "3011", "deputy"),
    "records": ("Records", "3020", "deputy"),
    "security": ("Information security", "3031", "deputy"),
}
"""Unit, employee number and supervisor of those who work at the agency, whoever leads first."""

PEOPLE: list[tuple[str, str, str]] = [
    (name, " and ".join(role.words.lower() for role in roles if role is not Role.STAFF or len(roles) == 1), _email)
    for name, part, roles in CAST
    for _email in [f"{part}@riverton.example"]
]
"""(name, roles in words, e-mail address) of the demo people."""
