"""Where somebody looks after incidents: the page in a browser, and `alpr incident` beside it."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from werkzeug.test import TestResponse

from tests.cases.house import House
from workflow_app import app, cli, clock
from workflow_app.cases.models import Incident
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email, sessions


class Way(Protocol):
    """One of the two ways to try incidents again; gives what came of it, in words."""

    def __call__(self, *incident_ids: int) -> str: ...


class Desk:
    """Somebody of the house, signed in at a browser and at the command line."""

    def __init__(self, house: House, part: str = "administrator") -> None:
        self.house = house
        self.client = house.app.test_client()
        self.email = f"{part}@riverton.example"

    def get(self, path: str, status: int = 200) -> str:
        """A page, signed in just now."""
        with self.house.inside():
            who = by_email(self.email)
            with unit_of_work():
                key = sessions.begin(who.id, self.house.now)
            known_as = who.fs_uniquifier
        with self.client.session_transaction() as cookie:
            cookie.update(_user_id=known_as, _fresh=True, key=key)
        with clock.stopped_at(self.house.now):
            answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:500]
        return answer.text

    def send(self, page: str, action: str, **fields: Any) -> TestResponse:
        """Send the page's form with this action."""
        form = page.partition(f'method="post" action="{action}"')[2].partition("</form>")[0]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        assert hidden, f"no form leads to {action}"
        with clock.stopped_at(self.house.now):
            return self.client.post(action, data=hidden | fields)

    def by_page(self, *incident_ids: int) -> str:
        """Tick them on the page, and read what came of it."""
        answer = self.send(self.get("/incidents"), "/incidents", ticked=[str(each) for each in incident_ids])
        assert answer.status_code == 200
        return answer.text

    def by_command(self, *incident_ids: int) -> str:
        """`alpr incident retry`."""
        code, words = alpr(self.house, "incident", "retry", *map(str, incident_ids))
        assert code in {0, 1}
        return words


def alpr(house: House, *words: str) -> tuple[int, str]:
    """Run the command line on this house: its exit code, and what it printed."""
    with pytest.MonkeyPatch.context() as patch, house_is(patch, house), clock.stopped_at(house.now):
        ran = CliRunner().invoke(cli.alpr, list(words))
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, ran.output


@contextmanager
def house_is(patch: pytest.MonkeyPatch, house: House) -> Any:
    """The environment's installation is this one, with its processes."""
    patch.setattr(app, "wsgi", lambda: house.app)
    yield


def listed(house: House, *words: str) -> list[dict[str, Any]]:
    """`alpr incident list --json`."""
    code, text = alpr(house, "incident", "list", "--json", *words)
    assert code == 0
    return list(json.loads(text))


def only(house: House) -> Incident:
    """The one incident there is."""
    found = house.one(sa.select(Incident))
    assert isinstance(found, Incident)
    return found


def kinds(house: House, case_id: int) -> list[str]:
    """The kinds of the entries of a case's record."""
    return [event.kind for event in house.timeline(case_id)]


def forget(house: House, statement: Any) -> None:
    """Change a row behind the service's back, as a fault or an operator would."""
    house.do(lambda: session().execute(statement) and None)
