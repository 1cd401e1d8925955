"""From a bounce to a confirmation: a notice comes back, the address is put right, the partner confirms."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, Response, request
from playwright.sync_api import Browser, Page, expect

from notifications import Mail, Outcome, SendGridSender, public_key_text
from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app import clock, jobs
from workflow_app.app import create_app
from workflow_app.cases import commands
from workflow_app.db import db, session, unit_of_work
from workflow_app.local.catcher import Catcher
from workflow_app.local.delivery import Hook
from workflow_app.people import by_email
from workflow_app.play import Play, Postbox, prepare
from workflow_app.registers import agencies
from workflow_app.settings import Settings
from workflow_app.web.sign_in import hash_password

pytestmark = IN_A_BROWSER

KEY = ec.generate_private_key(ec.SECP256R1())
PASSWORD = "long enough for anybody"
BAD, GOOD = "bounce@lake.example", "records@lake.example"
NOTICE = {
    "record_reference": "D-20931", "what_was_wrong": "One character of the plate was misread.",
    "what_to_do": "delete", "live": False,
}  # fmt: skip


@dataclass
class ToTheCatcher:
    """A way out to a catcher that starts after the service, whose events it posts."""

    host: str = ""
    name: str = "sendgrid"
    reports_delivery: bool = True

    def send(self, mail: Mail) -> Outcome:
        return SendGridSender("SG.any", self.host).send(mail)


@dataclass
class House:
    """The service in a browser's reach, and the catcher beside it."""

    site: str
    app: Flask
    catcher: Catcher
    heard: threading.Semaphore

    def work(self) -> None:
        """Do what is due, until nothing is left and the service has heard what became of every e-mail."""
        for _ in range(3):
            while jobs.sweep():
                pass
            session().rollback()
            for _try in range(100):
                if not self.catcher.letters.unreported():
                    break
                self.heard.acquire(timeout=0.2)

    def link_to(self, address: str) -> str:
        """The link in the latest e-mail to an address, at the service's port."""
        [letter] = [each for each in self.catcher.messages(address) if "/l/" in each["text"]][:1]
        return self.site + str(re.search(r"/l/\S+", letter["text"])[0])  # type: ignore[index]

    def code_to(self, address: str) -> str:
        codes = [re.findall(r"^\d{6}$", each["text"], re.MULTILINE) for each in self.catcher.messages(address)]
        return str(next(found[0] for found in codes if found))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An agency whose partner's contact has an address that the catcher returns."""
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'house.sqlite3'}",
        development=True,
        sendgrid_event_key=public_key_text(KEY),
    )
    out, heard = ToTheCatcher(), threading.Semaphore(0)
    app = create_app(settings, ring=lambda *_: False, sender=out)

    @app.after_request
    def listen(response: Response) -> Response:
        if request.path == "/hooks/sendgrid":
            heard.release()
        return response

    with app.app_context():
        prepare(app)
        secret = hash_password(PASSWORD)
        with unit_of_work():
            by_email("administrator@riverton.example").password = secret
            agencies.add(
                name="Lake County Sheriff", now=clock.now(), contact_name="Ana Ruiz", contact_email=BAD, head_email=None
            )
        session().rollback()
        with serving(app) as site, Catcher(hook=Hook(url=f"{site}/hooks/sendgrid", key=KEY)) as catcher:
            out.host = catcher.url
            yield House(site, app, catcher, heard)
        db.session.remove()
        db.engine.dispose()


def notice(house: House) -> Play:
    """A notice to the agency, which comes back."""
    play = Play(house.app, Postbox(), now=clock.now())
    with unit_of_work():
        lake = agencies.named("Lake County Sheriff").id
        play._case_id = commands.open_case(
            play.administrator, "erroneous_data_notice", {"agency": str(lake), **NOTICE}
        ).id
    house.work()
    return play


def administrator(house: House, browser: Browser, **context: Any) -> Page:
    page = browser.new_context(**context).new_page()
    page.goto(house.site)
    page.get_by_label("E-mail").fill("administrator@riverton.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_a_bounce_to_the_partner_s_confirmation(house: House, browser: Browser, script: bool) -> None:
    told = notice(house)
    lost = house.link_to(BAD)
    page = administrator(house, browser, java_script_enabled=script)
    page.get_by_role("link", name="Put the address right").click()
    assert heading(page) == "An address of Lake County Sheriff does not work"
    page.get_by_label("The address was wrong").check()
    page.get_by_label("The right address").fill(BAD)
    page.get_by_label("How do you know?").fill("Called the number on their website.")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("Mail does not reach this address.").first).to_be_visible()
    assert page.get_by_label("How do you know?").input_value() == "Called the number on their website."
    page.get_by_label("The right address").fill(GOOD)
    page.get_by_role("button", name="Record").click()
    assert "Recorded: Put the address right." in page.get_by_role("status").first.inner_text()
    expect(page.get_by_text("Address corrected").first).to_be_visible()
    house.work()
    partner = browser.new_context(java_script_enabled=script).new_page()
    partner.goto(lost)
    expect(partner.get_by_label("Your name")).not_to_be_visible()
    partner.goto(house.link_to(GOOD))
    partner.get_by_role("button", name="Send me the code").click()
    house.work()
    partner.get_by_label("Code").fill(house.code_to(GOOD))
    partner.get_by_role("button", name="Open").click()
    partner.get_by_label("We have deleted it").check()
    partner.get_by_label("Your name").fill("Ana Ruiz")
    partner.get_by_label("Your title or rank").fill("Records supervisor")
    partner.get_by_label("I may sign for my agency").check()
    partner.get_by_role("button", name="Send this answer").click()
    assert heading(partner) == "Your answer is on record"
    house.work()
    session().rollback()
    assert told.ended_at == "confirmed_deleted"
    assert [linked.ended_at for linked in told.linked()] == ["corrected"]
    session().rollback()
    for each in (page, partner):
        each.context.close()


def test_the_pages_of_a_failing_address_have_no_barrier_and_fit(house: House, browser: Browser) -> None:
    told = notice(house)
    number, correction = told.case.number, told.linked()[0].case.number
    session().rollback()
    page = administrator(house, browser)
    for place, words in {
        "/": "Put the address right",
        f"/cases/{correction}": "An address of Lake County Sheriff does not work",
        f"/cases/{number}": "e-mail came back",
        "/registers/agencies/1": "has not arrived since",
    }.items():
        page.goto(house.site + place)
        expect(page.get_by_text(words).first).to_be_visible()
        assert barriers(page) == [], place
    page.context.close()
