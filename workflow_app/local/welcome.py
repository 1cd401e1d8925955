"""What a newcomer reads when the service runs."""

from __future__ import annotations

from pathlib import Path


def welcome(url: str, mail_url: str, folder: Path, *, demo: bool) -> str:
    """One block: where everything is, who can sign in and how, and how to stop."""
    return f"""
ALPR Casework is running.

  Service   {url}
  E-mail    {mail_url}  (every message it sends)
  Data      {folder}  (settings for `alpr` in env, logs in logs/)

{_people() if demo else _FIRST_ACCOUNT}

Stop with Ctrl-C. The next start continues with the same data.
"""


_FIRST_ACCOUNT = """Nobody can sign in yet. Make the first account; this prints a one-time sign-in link:

  .venv/bin/alpr user create --email you@agency.example --name "Your Name" --role programme_administrator"""


def _people() -> str:
    from workflow_app.demo import PASSWORD, PEOPLE  # slow to load, and only where the demo agency is

    rows = [tuple(str(part) for part in person) for person in PEOPLE]
    name_width, role_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [f"  {name:{name_width}}  {roles:{role_width}}  {email}" for name, roles, email in rows]
    return "\n".join([f"Sign in as anybody here with the password {PASSWORD}", "", *lines])
