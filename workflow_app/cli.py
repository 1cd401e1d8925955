"""`alpr`: the command line. Each command is a few lines over the same verbs that pages and API use."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import click
from flask import Flask

from workflow_app.access import Role
from workflow_app.cli_incidents import incident
from workflow_app.errors import DomainError, Invalid, Unusable


@contextmanager
def house() -> Iterator[Flask]:
    """The application of this environment, entered."""
    from workflow_app.app import wsgi  # importing the house takes a second; `alpr --help` should not

    app = wsgi()
    with app.app_context():
        yield app


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def alpr() -> None:
    """ALPR Casework: cases of errors and violations in a licence-plate-reader programme."""


@alpr.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=8, show_default=True, help="Threads in each process.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Run the web server."""
    from gunicorn.app.wsgiapp import WSGIApplication

    from workflow_app.settings import from_env

    with house():  # an installation that is not fit says so here, in a sentence, and not once in each of its processes
        settings = from_env()
    if not settings.scanner:
        click.echo("Uploaded files are not scanned for viruses: ALPR_SCANNER is empty.", err=True)
    sys.argv = [
        "gunicorn", "--bind", bind, "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread",
        "--no-control-socket", "--logger-class", "workflow_app.web.access_log.Logger", "workflow_app.app:wsgi()",
    ]  # fmt: skip
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


@alpr.command()
@click.option("--processes", default=1, show_default=True, help="Worker processes besides those for e-mail.")
@click.option("--only", hidden=True, help="Be one worker process for this queue.")
def worker(processes: int, only: str | None) -> None:
    """Run background workers under a supervisor."""
    from workflow_app.settings import from_env

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = from_env()
    if not settings.redis_url:
        raise Unusable("REDIS_URL is not set; without it the ticker does the work alone.")
    if only:
        from workflow_app import workers

        workers.work(settings, only)
    else:
        from workflow_app.supervisor import supervise

        supervise({"mail": settings.mail_workers, "work": processes})


@alpr.command()
def ticker() -> None:
    """Find what is due, once a second. Any number of tickers may run."""
    from workflow_app import workers

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    workers.tick()


@alpr.group()
def db() -> None:
    """The database schema."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema up to date."""
    from workflow_app import migrate
    from workflow_app.settings import from_env

    with house():
        settings = from_env()
        migrate.upgrade(settings.database_url, owner_url=settings.owner_database_url)
        click.echo(f"The database is at {migrate.current()}.")


@db.command("current")
def db_current() -> None:
    """Show the schema's revision."""
    from workflow_app import migrate

    with house():
        click.echo(migrate.current() or "empty")


@alpr.command()
def check() -> None:
    """Check settings, models, forms, handlers, lanes, mails, and the schema."""
    from workflow_app import check as checks

    with house() as app:
        problems = checks.installation(app)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise SystemExit(1)
    click.echo("Everything fits together.")


@alpr.group()
def demo() -> None:
    """The demo agency."""


@demo.command("load")
def demo_load() -> None:
    """Load the demo agency's people, partners and cases."""
    from workflow_app.demo import agency

    with house() as app:
        click.echo(agency.load(app))


@alpr.group()
def user() -> None:
    """People with an account."""


@user.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]))
def user_create(email: str, name: str, roles: tuple[str, ...]) -> None:
    """Create an account and print a one-time sign-in link."""
    from workflow_app import console
    from workflow_app.web.sign_in import one_time_link

    with house() as app:
        click.echo(one_time_link(app, console.create_person(email, name, [Role(role) for role in roles])))


@user.command("unlock")
@click.argument("email")
def user_unlock(email: str) -> None:
    """Let somebody sign in again after too many wrong passwords or a deactivation."""
    from workflow_app import console

    with house():
        console.unlock(email)
    click.echo(f"{email} can sign in again.")


@alpr.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.option("--email", required=True, help="The person the token acts for.")
@click.option("--name", default="command line", show_default=True)
@click.option("--expires", default=90, show_default=True, type=click.IntRange(1, 366), help="Days until it expires.")
def token_create(email: str, name: str, expires: int) -> None:
    """Print a new token, once, alone on standard output."""
    from workflow_app import console

    with house():
        click.echo(console.issue_token(email, name, timedelta(days=expires)))


@alpr.group()
def case() -> None:
    """Cases."""


@case.command("open")
@click.argument("process")
@click.option("--actor", required=True, help="E-mail address of the person who opens it.")
@click.option("--answers", required=True, type=click.File("rb"), help="JSON file with the answers, or - for input.")
@click.option("--key", help="With the same key within a day, the case is opened once and its number printed again.")
def case_open(process: str, actor: str, answers: BinaryIO, key: str | None) -> None:
    """Open a case and print its number."""
    from workflow_app import console

    content = console.answers(answers.read())
    with house():
        click.echo(console.open_case(process, actor, content, key))


@case.command("show")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def case_show(number: str, as_json: bool) -> None:
    """Show a case with its timeline."""
    from workflow_app import console

    with house():
        click.echo(console.case(number, as_json=as_json))


@alpr.group("import")
def import_() -> None:
    """Bring in registers."""


@import_.command("agencies")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_agencies(file: Path, dry_run: bool) -> None:
    """Load partner agencies from a registry file (JSON). Running it again changes nothing."""
    from workflow_app import console

    with house():
        click.echo(console.import_agencies(file, dry_run=dry_run))


@alpr.group()
def audit() -> None:
    """The record."""


@audit.command("verify")
@click.option("--since", help="A seal's number, or a file with a seal: check what came after it.")
def audit_verify(since: str | None) -> None:
    """Check every chain of the record; names the first entry that is not as it was written."""
    from workflow_app import console

    with house():
        whole, words = console.verify(since)
    click.echo(words)
    if not whole:
        raise SystemExit(1)


alpr.add_command(incident)


def main() -> None:
    """Run `alpr`; a user's mistake is one sentence on standard error."""
    try:
        alpr(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(130) from None
    except DomainError as error:
        wrong = error.fields.items() if isinstance(error, Invalid) else ()
        fields = "; ".join(f"{name}: {' '.join(sentences)}" for name, sentences in wrong)
        click.echo(f"Please correct: {fields}" if fields else error.sentence, err=True)
        raise SystemExit(1) from None
    except Exception as error:
        from sqlalchemy.exc import OperationalError  # slow to load, and the workers' supervisor lives without it

        if not isinstance(error, OperationalError):
            raise
        click.echo("The database cannot be used. Check DATABASE_URL, and run `alpr db upgrade`.", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
