"""`alpr incident`: what the machine could not do, to look through and to try again."""

from __future__ import annotations

import click
from flask.ctx import AppContext


def _house() -> AppContext:
    from workflow_app.app import wsgi  # importing the house takes a second; `alpr --help` should not

    return wsgi().app_context()


def _known(kind: str | None) -> str:
    from workflow_app.cases.incidents import KINDS

    if kind and kind not in KINDS:
        raise click.BadParameter(f"{kind!r} is none of {', '.join(KINDS)}.", param_hint="--kind")
    return kind or ""


@click.group()
def incident() -> None:
    """What the machine could not do."""


@incident.command("list")
@click.option("--kind", help="Only incidents of this kind, such as timer, message or parked.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(kind: str | None, as_json: bool) -> None:
    """List open incidents, oldest first."""
    wanted = _known(kind)
    from workflow_app import console

    with _house():
        click.echo(console.incidents(wanted, as_json=as_json))


@incident.command()
@click.argument("ids", nargs=-1, type=click.IntRange(min=1))
@click.option("--all", "everything", is_flag=True, help="All that wait for somebody.")
@click.option("--kind", help="With --all: only incidents of this kind.")
def retry(ids: tuple[int, ...], everything: bool, kind: str | None) -> None:
    """Try again; says what came of each. Ends with 1 when some could not be tried or failed on the spot."""
    if everything == bool(ids):
        raise click.UsageError("Give the numbers of incidents, or --all.")
    if kind and not everything:
        raise click.UsageError("--kind goes with --all.")
    wanted = _known(kind)
    from workflow_app import console

    with _house():
        chosen = console.waiting_incidents(wanted) if everything else ids
        worked = True
        for each in dict.fromkeys(chosen):
            words, well = console.retry(each)
            click.echo(f"{each}: {words}")
            worked = worked and well
        if not chosen:
            click.echo("Nothing waits for anybody.")
    if not worked:
        raise SystemExit(1)
