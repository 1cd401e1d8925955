"""What a partner agency keeps of the certificate it has signed by link."""

from outsider_stage import Browser, token_of

from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.play import Play
from workflow_app.registers import agencies, certificate_texts
from workflow_app.registers.agencies import AgencyClass


def asked(play: Play) -> Play:
    """Lake County is asked to sign."""
    with clock.stopped_at(play.now), unit_of_work():
        lake = agencies.add(
            name="Lake County Sheriff", now=play.now, state="CA", agency_class=AgencyClass.COUNTY,
            contact_email="records@lake.example",
        ).id  # fmt: skip
    play.start("sharing_certification", by=play.administrator, agency=str(lake), why="They ask for detections.")
    return play.at(
        "prepare", by=play.administrator, data_scope="Detections", purposes="Theft", legal_basis="Penal Code 832"
    )


def test_the_receipt_names_each_statement_as_it_was_read(play: Play) -> None:
    browser = Browser(asked(play))
    done = browser.send(
        browser.click(token_of(play, "sign")),
        {
            "answer": "signed", "statements": list(certificate_texts.NEEDED), "deletion_days": "21",
            "signatory": "Ana Ruiz", "title": "Records supervisor", "declared": "yes",
        },
    )  # fmt: skip
    receipt = browser.open(done.location).text
    assert "Authority, What is shared, Deletion, No other use, Prohibited purposes" in receipt
    assert "onward_use" not in receipt


def test_all_that_is_declared_stands_in_full_view(play: Play) -> None:
    page = Browser(asked(play)).click(token_of(play, "sign")).text
    assert 'class="options"' in page
    assert "options scroll" not in page
    for words in certificate_texts.of_version(certificate_texts.NEWEST).texts.values():
        assert words.replace("'", "&#39;") in page
