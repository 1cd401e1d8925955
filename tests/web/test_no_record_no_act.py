"""Where the record cannot be written nothing is done: no form of the staff has an effect, and none is told it had."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from test_one_effect import SCENES, as_sent, effects, filled

from workflow_app.db import unit_of_work
from workflow_app.play import Play

DRAFTS = {"drafting.begin", "drafting.drop", "drafting.remove"}
"""A draft is nobody's act before it is published, which is recorded."""


@pytest.mark.parametrize("endpoint", sorted(SCENES.keys() - DRAFTS))
def test_a_form_whose_entry_cannot_be_written_has_no_effect(play: Play, endpoint: str) -> None:
    sending = SCENES[endpoint](play)
    reader, sent = filled(play, sending)
    with unit_of_work() as unit:
        unit.execute(sa.text("create trigger full before insert on event begin select raise(abort, 'disk full'); end"))
    before = effects()
    answer = reader.open(sending.action, "POST", data=as_sent(sent))
    assert (answer.status_code, effects() == before) == (503, True)
