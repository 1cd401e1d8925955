"""A new officer's way to access in a real browser: invited, asked for, endorsed, trained, decided, signed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import IN_A_BROWSER, serving
from workflow_app import console, jobs
from workflow_app.access import Role
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.people.one_time import set_password_path
from workflow_app.play import Play
from workflow_app.registers import alpr_access, courses
from workflow_app.web.hashing import hash_password

pytestmark = IN_A_BROWSER

PASSWORD = "long enough for anybody"
NEW = "lena.ortiz@riverton.example"


@pytest.fixture
def invited(play: Play) -> tuple[Play, str]:
    """Everybody can sign in; a new officer, led by Joon Kim, has a link to set a password. Of today."""
    with unit_of_work():
        secret = hash_password(PASSWORD)
        for part in ("supervisor", "administrator", "chief"):
            by_email(f"{part}@riverton.example").password = secret
    console.create_person(NEW, "Lena Ortiz", [Role.STAFF])
    with unit_of_work():
        officer = by_email(NEW)
        officer.supervisor_id, officer.unit = by_email("supervisor@riverton.example").id, "Patrol East"
        officer.employee_number = "5012"
    link = set_password_path(by_email(NEW))
    session().rollback()
    return play, link


@pytest.fixture
def site(invited: tuple[Play, str]) -> Iterator[str]:
    with serving(invited[0].app) as address:
        yield address


@contextmanager
def at_desk(browser: Browser, site: str, email: str, script: bool) -> Iterator[Page]:
    """Somebody signs in, and closes the browser afterwards."""
    page = browser.new_context(java_script_enabled=script).new_page()
    page.goto(site)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    page.context.close()


def open_task(page: Page, name: str) -> None:
    page.get_by_role("link", name="Inbox").click()
    page.get_by_role("link", name=name).click()


def record(page: Page, name: str) -> None:
    page.get_by_role("button", name="Record").click()
    assert f"Recorded: {name}." in page.get_by_role("status").first.inner_text()


def test_from_the_invitation_to_active_access(invited: tuple[Play, str], site: str, browser: Browser) -> None:
    """The officer and the chief executive read without script, the others with it."""
    _play, link = invited
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(site + link)
    for label in page.get_by_label(re.compile("password", re.IGNORECASE)).all():
        label.fill(PASSWORD)
    page.locator("main").get_by_role("button").first.click()
    page.context.close()
    with at_desk(browser, site, NEW, script=False) as officer:
        officer.get_by_role("link", name="Requests").click()
        assert officer.locator(".nav [aria-current]").inner_text() == "Requests"
        officer.get_by_role("link", name="Account approval").click()
        officer.get_by_label("Who needs access?").select_option(label="Lena Ortiz")
        officer.get_by_label("Employee number").fill("5012")
        officer.get_by_label("User id in the vendor's system").fill("patrol2")
        officer.get_by_label("Search", exact=False).first.check()
        officer.get_by_label("For which duty?").fill("Auto theft")
        officer.get_by_label("Why is the data needed for it?").fill("To find stolen cars.")
        officer.get_by_role("button", name="Send").click()
        assert "names nobody" in officer.get_by_role("alert").inner_text()
        officer.get_by_label("User id in the vendor's system").fill("lortiz")
        officer.get_by_role("button", name="Send").click()
        assert officer.get_by_role("heading", level=1).inner_text() == "Access for Lena Ortiz"
    with at_desk(browser, site, "supervisor@riverton.example", script=True) as supervisor:
        open_task(supervisor, "Endorse the need")
        supervisor.get_by_role("radio", name="Yes").check()
        supervisor.get_by_label("Your statement").fill("She works on auto theft.")
        record(supervisor, "Endorse the need")
    jobs.sweep()
    session().rollback()
    with at_desk(browser, site, NEW, script=False) as officer:
        open_task(officer, "Take the course and the test")
        officer.get_by_role("button", name="Record").click()
        expect(officer.get_by_text("Not answered yet.")).to_have_count(len(courses.shipped().questions))
        officer.get_by_label("I have read all modules").check()
        for number, question in enumerate(courses.shipped().questions, 1):
            officer.locator(f'input[value="{number}:{question["right"]}"]').check()
        record(officer, "Take the course and the test")
        officer.get_by_label("I know what misuse").check()
        officer.get_by_label("I know how to report").check()
        record(officer, "Acknowledge the sanctions")
    jobs.sweep()
    session().rollback()
    with at_desk(browser, site, "administrator@riverton.example", script=True) as administrator:
        open_task(administrator, "Verify who it is")
        administrator.get_by_role("radio", name="Yes").check()
        administrator.get_by_label("What did you check?").fill("Employee card, in person.")
        record(administrator, "Verify who it is")
    with at_desk(browser, site, "chief@riverton.example", script=False) as chief:
        open_task(chief, "Decide on access")
        about = chief.locator(".about").inner_text()
        assert all(words in about for words in ("Lena Ortiz", "Auto theft", "Trained until", "Employee card"))
        chief.get_by_role("radio", name="Yes").check()
        record(chief, "Decide on access")
    with at_desk(browser, site, "administrator@riverton.example", script=True) as administrator:
        open_task(administrator, "Set up in the vendor's system")
        administrator.get_by_label("User id, as the vendor's system shows it").fill("lortiz")
        administrator.get_by_label("This account signs in").check()
        administrator.get_by_label("It can do what").check()
        record(administrator, "Set up in the vendor's system")
    with at_desk(browser, site, NEW, script=False) as officer:
        open_task(officer, "Sign the rules for your access")
        officer.wait_for_load_state()
        for box in officer.get_by_role("checkbox").all():
            box.check()
        record(officer, "Sign the rules for your access")
        officer.goto(f"{site}/course/certificate")
        assert "Lena Ortiz" in officer.locator(".certificate").inner_text()
    session().rollback()
    access = alpr_access.of(by_email(NEW).id)
    assert access is not None
    assert (access.state, access.vendor_user_id) == ("active", "lortiz")
    session().rollback()
