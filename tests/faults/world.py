"""A house whose moment can be kept and returned to, so that the same thing can end in it in many ways."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg import sql
from sqlalchemy.engine import make_url

import notifications
from notifications import OutboxMessage
from notifications.events import public_key_text
from processes import ALL
from tests.cases import specimens
from tests.cases.house import House
from tests.faults.deaths import Instants, Ledger
from tests.faults.invariants import violations
from tests.forks import in_a_process
from workflow_app import audit, jobs
from workflow_app.app import create_app
from workflow_app.cases import files
from workflow_app.cases.files import Attachment
from workflow_app.cases.models import Answers, Case, Chore, Fanout, Incident, Link, Task, Timer
from workflow_app.cases.replay import Replay
from workflow_app.db import Base, session
from workflow_app.play import Postbox
from workflow_app.registers.agencies import PartnerAgency
from workflow_app.settings import Settings

PROVIDERS_KEY = ec.generate_private_key(ec.SECP256R1())

COUNTED: tuple[tuple[Any, ...], ...] = (
    (Case.process_id, Case.status, Case.outcome),
    (Task.step, Task.status),
    (Answers.step,),
    (Timer.kind, Timer.step, Timer.rung),
    (Chore.kind,),
    (Fanout.step, Fanout.done, Fanout.cursor),
    (Incident.kind, Incident.closed_at.is_(None)),
    (Link.generation, Link.used_at.is_(None), Link.revoked_at.is_(None)),
    (OutboxMessage.template, OutboxMessage.to_address, OutboxMessage.state),
    (audit.Event.kind, audit.Event.step),
    (Replay.actor,),
    (PartnerAgency.name,),
    (Attachment.case_id.is_not(None),),
)
"""What the end of a story is compared by: how many rows there are of each kind, whatever their numbers are."""


TABLES = [*Base.metadata.sorted_tables, *notifications.Base.metadata.sorted_tables]


class World(House):
    """A house with every process, shipped and made for tests, and a provider that remembers what it was given."""

    def __init__(self, url: str, folder: Path) -> None:
        self.ledger = Ledger(folder / "ledger")
        self.folder = folder
        settings = Settings(
            database_url=url,
            development=True,
            token_decisions=True,
            profile=specimens.PROFILE,
            upload_dir=folder / "uploads",
            sendgrid_event_key=public_key_text(PROVIDERS_KEY),
        )
        everything = [*ALL, *specimens.ALL]
        app = create_app(settings, processes=everything, ring=lambda _job, _reference: False, sender=self.ledger)
        super().__init__(url, app, Postbox())

    def rest(self) -> None:
        """Start again after a death: wait until every lease and every doubt is over, and do all that is due."""
        self.settle(seconds=61)
        self.settle(minutes=11)
        with self.inside():
            jobs.tidy()
        self.settle(minutes=11)
        tomorrow = self.now + timedelta(days=1, seconds=1)
        self.do(lambda: files.purge_unbound(tomorrow))  # what waited for an answer that never came

    def violations(self) -> list[str]:
        """What is not as it was promised."""
        with self.inside():
            return violations()

    def picture(self) -> dict[str, dict[str, int]]:
        """All that is stored, counted by what it is. That a letter was in doubt for a while may stand in a record."""
        with self.inside():
            found = {str(columns[0]): self._counted(columns) for columns in COUNTED}
        found["Event.kind"].pop("message.reported, ", None)
        return found

    def left_behind(self) -> str:
        """A digest of what a process leaves that dies right now: every row as others see it, every letter and file."""
        found = hashlib.sha256(self.ledger.file.read_bytes() if self.ledger.file.exists() else b"")
        with sa.create_engine(self.url, poolclass=sa.NullPool).connect() as beside:
            for table in TABLES:
                rows = beside.execute(sa.select(sa.text("*")).select_from(table))
                found.update(repr(sorted(map(repr, rows))).encode())
        for path in sorted((self.folder / "uploads").rglob("*")):
            found.update(f"{path}: ".encode() + (path.read_bytes() if path.is_file() else b""))
        return found.hexdigest()

    def unrecorded(self) -> list[str]:
        """Mails the provider has accepted while we do not know it: their process died between the two."""
        sent = {int(line.partition(" ")[0]) for line in self.ledger.accepted()}
        known = self.all(sa.select(OutboxMessage.id).where(OutboxMessage.accepted_at.is_not(None)))
        addresses = sa.select(OutboxMessage.to_address).where(OutboxMessage.id.in_(sent - set(known)))
        return self.all(addresses)

    @staticmethod
    def _counted(columns: tuple[Any, ...]) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for *values, count in session().execute(sa.select(*columns, sa.func.count()).group_by(*columns)):
            counted[", ".join(map(str, values))] += count
        return dict(sorted(counted.items()))


class Moments:
    """Keeps one moment of a world, and brings it back as often as one likes."""

    def __init__(self, world: World, keep: Callable[[], None], bring_back: Callable[[], None]) -> None:
        self.world = world
        self._keep, self._bring_back = keep, bring_back
        self._now: datetime = world.now
        self._accepted = ""

    def keep(self) -> None:
        """This is the moment to return to."""
        self.world.close()
        self._keep()
        self._now = self.world.now
        self._accepted = "".join(f"{line}\n" for line in self.world.ledger.accepted())

    def rehearse(self, work: Callable[[], Any]) -> None:
        """Do this here, and take it back: what it has read and compiled, no process that comes has to."""
        self._inside(work)
        self.bring_back()

    def apart(self, work: Callable[[], Any]) -> Any:
        """Do this in a process of its own; returns what came of it."""
        return in_a_process(lambda: self._inside(work))[1]

    def counted(self, work: Callable[[], Any]) -> dict[int, str]:
        """The instants at which a process that does this may die, by their numbers. Where several in a row would leave
        the same behind, the last dies for all of them: a transaction that is open, if any, is so before its commit."""
        passed = in_a_process(lambda: self._watched(work, Instants(look=self.world.left_behind)))[1]
        leaving = [left for _name, left in passed[1:]] + [""]
        each = enumerate(zip(passed, leaving, strict=True), 1)
        return {number: name for number, ((name, left), then) in each if left != then}

    def killed(self, work: Callable[[], Any], fatal: int) -> int:
        """Do this in a process that dies at the instant with this number; returns its exit code."""
        return in_a_process(lambda: self._watched(work, Instants(fatal)))[0]

    def _watched(self, work: Callable[[], Any], instants: Instants) -> list[tuple[str, str]]:
        self.world.ledger.instants = instants
        instants.watch()
        self._inside(work)
        return instants.passed

    def _inside(self, work: Callable[[], Any]) -> Any:
        with self.world.inside():
            return work()

    def bring_back(self) -> None:
        """Return to the moment kept."""
        self.world.close()
        self._bring_back()
        self.world.now = self._now
        self.world.ledger.file.write_text(self._accepted)


@contextmanager
def sqlite_moments(furnished: Path, folder: Path) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A SQLite file, how it is kept, and how it is brought back."""
    file, kept = folder / "world.sqlite3", folder / "kept.sqlite3"
    shutil.copy(furnished, file)

    def bring_back() -> None:
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        shutil.copy(kept, file)

    yield f"sqlite:///{file}", lambda: shutil.copy(file, kept) and None, bring_back


@contextmanager
def postgres_moments(server: Any, template: str) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """A PostgreSQL database, how its rows are kept, and how they are brought back."""
    url = server.create(template)
    where = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def each_table(*statements: str) -> None:
        with psycopg.connect(where) as connection:
            found = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
            away = sql.SQL("set local session_replication_role to replica")  # the record's guard looks away
            each = [sql.SQL(text).format(t=sql.Identifier(name)) for text in statements for (name,) in found]
            connection.execute(sql.SQL("; ").join([away, *each]))

    def keep() -> None:
        with psycopg.connect(where) as connection:
            connection.execute("create schema kept")
        each_table("create table kept.{t} as table public.{t}")

    yield url, keep, lambda: each_table("delete from public.{t}", "insert into public.{t} table kept.{t}")
    server.drop(url)
