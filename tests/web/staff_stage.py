"""Somebody of the staff at a browser, signed in, at the story's moment."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from outsider_stage import Browser
from werkzeug.test import TestResponse

from workflow_app.db import session, unit_of_work
from workflow_app.people import Person, sessions
from workflow_app.play import Play


class Desk(Browser):
    """A signed-in person's browser. `part` is one of the cast."""

    def __init__(self, play: Play, part: str) -> None:
        super().__init__(play)
        who = session().scalars(sa.select(Person).where(Person.email == f"{part}@riverton.example")).one()
        with unit_of_work():
            key = sessions.begin(who.id, play.now)
        with self.client.session_transaction() as cookie:
            cookie.update(_user_id=who.fs_uniquifier, _fresh=True, key=key)

    def fill(self, page: TestResponse, action: str, answers: dict[str, Any]) -> TestResponse:
        """Send the page's form with this action, and go where it leads."""
        assert f'action="{action}"' in page.text
        form = page.text.partition(f'method="post" action="{action}"')[2].partition("</form>")[0]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
        assert hidden["csrf_token"]
        return self.open(action, "POST", data=hidden | answers, follow=True)
