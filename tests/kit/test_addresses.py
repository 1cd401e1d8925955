"""Whatever address a form, a register or an account takes, a message can be sent to."""

from __future__ import annotations

import pytest

from notifications.drafts import address
from workflow_app.errors import Invalid
from workflow_app.kit import Form, email
from workflow_app.kit.addresses import is_mailbox
from workflow_app.registers.plain_text import needed_address

GOOD = ["records@agency.example", "o'brien+alpr@x.org", "a@xn--bcher-kva.de", "x" * 64 + "@x.org"]
BAD = [
    "records@bücher.de", "ü@x.org", "a@localhost", "a@[127.0.0.1]", '"a b"@x.org', '"a"@x.org', "a.@x.org", ".a@x.org",
    "a@-x.org", "a@x..org", "a@x.org.", "x" * 65 + "@x.org", "a@" + "x" * 64 + ".org", "a@" + "x." * 130 + "org",
    "a b@x.org", "a@x.org\nBcc: b@x.org", "a@x.org,b@x.org", "<a@x.org>", "@x.org", "a@", "", "a\x00@x.org",
]  # fmt: skip


class Contact(Form):
    """Whom to write to."""

    email = email("E-mail address")


@pytest.mark.parametrize("text", GOOD)
def test_an_address_that_is_taken_can_be_sent_to(text: str) -> None:
    assert is_mailbox(text)
    assert Contact().load({"email": text}) == {"email": text}
    assert needed_address("email", text) == text
    assert address("to", text) == text


@pytest.mark.parametrize("text", BAD)
def test_an_address_that_cannot_be_sent_to_is_refused_where_it_is_typed(text: str) -> None:
    assert not is_mailbox(text)
    assert Contact().validate({"email": text})["email"][-1].startswith("Please give an e-mail address")
    with pytest.raises(ValueError, match="to"):
        address("to", text)
    with pytest.raises(Invalid):
        needed_address("email", text)


def test_a_wrong_address_is_told_once() -> None:
    assert len(Contact().validate({"email": "a@localhost"})["email"]) == 1
