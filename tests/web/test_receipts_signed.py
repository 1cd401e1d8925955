"""Receipts are signed: anybody can check one without us, and a change to receipt, answer or record is found."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from outsider_stage import ACKNOWLEDGED, Browser, link_of, token_of, vendor_is_asked
from pages import sound

from workflow_app.audit import Event
from workflow_app.cases.models import Answers
from workflow_app.cases.receipts import Receipt, canonical, digest
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play
from workflow_app.registers import vendors


@pytest.fixture
def code(play: Play) -> str:
    vendor_is_asked(play)
    Browser(play).act(token_of(play, "acknowledge"), ACKNOWLEDGED)
    play.settle()
    return str(link_of(play, "acknowledge").receipt)


def public_key(play: Play) -> Ed25519PublicKey:
    found = load_pem_public_key(Browser(play).open("/receipts/key.pem").data)
    assert isinstance(found, Ed25519PublicKey)
    return found


def downloaded(play: Play, code: str) -> tuple[dict[str, object], bytes, str]:
    """The receipt as it is offered, its signature, and the text that was signed."""
    answer = Browser(play).open(f"/receipts/{code}/receipt.json")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    file = json.loads(answer.data)
    return file["receipt"], base64.b64decode(file["signature"]), canonical(file["receipt"])


def test_anybody_can_check_the_signature_with_the_public_key_alone(play: Play, code: str) -> None:
    said, signature, text = downloaded(play, code)
    public_key(play).verify(signature, text.encode())
    changed = canonical({**said, "what": "Something else"})
    with pytest.raises(InvalidSignature):
        public_key(play).verify(signature, changed.encode())


def test_the_receipt_says_what_was_done_by_whom_when_and_where_it_stands_in_the_record(play: Play, code: str) -> None:
    said, _signature, _text = downloaded(play, code)
    recorded = session().scalars(sa.select(Event).where(Event.kind == "task.completed", Event.step == "acknowledge"))
    event = recorded.one()
    answers = session().scalars(sa.select(Answers.values).where(Answers.step == "acknowledge")).one()
    assert said["what"] == "Vendor investigation: Acknowledge"
    assert said["who"] == {"link_sent_to": "Robin Vale, Platewise Inc.", "name": "Robin Vale"}
    assert said["at"] == play.now.isoformat(timespec="seconds")
    assert said["record"] == {"seq": event.seq, "sha256": event.hash, "stream": play.case.stream}
    assert said["answers_sha256"] == digest(answers)
    assert said["code"] == code
    assert "T-88" not in str(said)


def test_the_page_says_what_was_checked_and_offers_receipt_and_key(play: Play, code: str) -> None:
    page = Browser(play).open(f"/receipts/{code}")
    for words in ("Valid: this is what we signed", "Answer and record are unchanged", f"/receipts/{code}/receipt.json"):
        assert words in page.text
    sound(page)


def another_answer(_play: Play) -> None:
    kept = session().scalars(sa.select(Answers).where(Answers.step == "acknowledge")).one()
    kept.values = {**kept.values, "ticket": "T-89"}


def another_receipt(_play: Play) -> None:
    kept = session().scalars(sa.select(Receipt)).one()
    kept.document = kept.document.replace("Robin Vale", "Ana Right")


def no_answer(_play: Play) -> None:
    session().execute(sa.delete(Answers).where(Answers.step == "acknowledge"))


@pytest.mark.parametrize("change", [another_answer, another_receipt, no_answer])
def test_what_was_changed_since_is_not_confirmed(play: Play, code: str, change: Callable[[Play], None]) -> None:
    with unit_of_work():
        change(play)
    page = Browser(play).open(f"/receipts/{code}")
    assert "This receipt cannot be confirmed" in page.text
    assert "genuine</h1>" not in page.text
    sound(page)


def test_after_a_change_of_keys_an_old_receipt_still_says_what_the_record_shows(play: Play, code: str) -> None:
    house = play.app.extensions["alpr"]
    play.app.extensions["alpr"] = replace(house, settings=replace(house.settings, receipt_key="another key" * 4))
    page = Browser(play).open(f"/receipts/{code}")
    assert "This receipt is genuine" in page.text
    assert "Made with an earlier key of this service" in page.text


def test_a_receipt_of_before_receipts_were_signed_is_still_known(play: Play, code: str) -> None:
    with unit_of_work():
        session().execute(sa.delete(Receipt))
    page = Browser(play).open(f"/receipts/{code}")
    assert "This receipt is genuine" in page.text
    assert "it was given before receipts were signed" in page.text
    assert Browser(play).open(f"/receipts/{code}/receipt.json").status_code == 404


def test_a_copy_goes_to_the_recipient_and_to_the_contact_on_record_where_that_is_another(play: Play) -> None:
    vendor_is_asked(play)
    with unit_of_work():
        vendors.set_contact(organisation="Platewise Inc.", name="Kim Moore", email="kim@platewise.example")
    Browser(play).act(token_of(play, "acknowledge"), ACKNOWLEDGED)
    play.settle()
    code = str(link_of(play, "acknowledge").receipt)
    copies = [mail for mail in play.postbox.mails if code in mail.text]
    assert [mail.to_address for mail in copies] == ["support@platewise.example", "kim@platewise.example"]
    said = json.loads(next(line for line in copies[0].text.splitlines() if line.startswith("{")))
    assert said["code"] == code
    assert copies[0].subject == f"{play.case.number}: receipt for your answer"


def test_a_receipt_that_was_never_given_is_not_offered(play: Play) -> None:
    for path in ("/receipts/AAAA-BBBB-CCCC/receipt.json", "/receipts/nonsense/receipt.json"):
        assert Browser(play).open(path).status_code == 404
