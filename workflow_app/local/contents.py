"""What a data folder holds: tables of the newest schema, and the demo agency or an agency begun empty."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from shlex import quote

_PACKAGE = Path(__file__).resolve().parents[1]

_FIRST_ACCOUNT = """Nobody can sign in yet. Make the first account; this prints a one-time sign-in link:

  (set -a; . {env}; {alpr} user create --email you@agency.example --name "Your Name" --role programme_administrator)
"""


def is_new(folder: Path) -> bool:
    """Whether this is the folder's first start."""
    return not _who_signs_in(folder).exists()


def fill(folder: Path, database_url: str, *, empty: bool) -> str:
    """Bring the tables up to date and, at the first start, load the demo agency; returns how to sign in.

    The first start decides: an agency begun empty is never filled with demo people, whose password everybody knows.
    """
    if not _is_current(database_url):
        from workflow_app import migrate  # takes a second to load

        migrate.upgrade(database_url)
    if is_new(folder):
        _who_signs_in(folder).write_text(_first_account(folder) if empty else _load_demo(), encoding="utf-8")
    return _who_signs_in(folder).read_text(encoding="utf-8").rstrip()


def _who_signs_in(folder: Path) -> Path:
    return folder / "sign-in.txt"


def _first_account(folder: Path) -> str:
    """The command speaks to the service of this folder, from wherever it is typed."""
    return _FIRST_ACCOUNT.format(
        env=quote(str(folder / "env")), alpr=quote(str(Path(sys.executable).with_name("alpr")))
    )


def _load_demo() -> str:
    from workflow_app import app  # take two seconds to load, and are wanted once in a folder's life
    from workflow_app.demo import agency
    from workflow_app.demo_people import PASSWORD, PEOPLE

    agency.load(app.wsgi())
    width = max(len(name) for name, _, _ in PEOPLE), max(len(roles) for _, roles, _ in PEOPLE)
    people = [f"  {name:{width[0]}}  {roles:{width[1]}}  {email}" for name, roles, email in PEOPLE]
    return "\n".join([f"Sign in as anybody here with the password {PASSWORD}", "", *people])


def _is_current(database_url: str) -> bool:
    """Whether a SQLite file has the newest schema: a look that saves the second it takes to ask Alembic."""
    prefix, _, path = database_url.partition("sqlite:///")
    if prefix or not path or not Path(path).exists():
        return False
    packaged = _PACKAGE / "migrations"
    folder = packaged if packaged.is_dir() else _PACKAGE.parent / "migrations"
    newest = max((file.name.partition("_")[0] for file in (folder / "versions").glob("[0-9]*.py")), default="")
    try:
        with closing(sqlite3.connect(path)) as database:
            return database.execute("select version_num from alembic_version").fetchall() == [(newest,)]
    except sqlite3.Error:
        return False
