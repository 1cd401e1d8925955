"""Reporting without an account: from the form to the last answer, by nothing but a receipt code."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from outsider_stage import count, stored_text
from pages import Reader, fields_of
from tellers import TOLD, Teller, code_on, hidden
from uploads import photograph

from workflow_app.cases.files import Attachment
from workflow_app.cases.models import Answers, Case
from workflow_app.cases.report_table import Report, ReportMessage
from workflow_app.db import session
from workflow_app.play import Play


@pytest.fixture(autouse=True)
def _folder_for_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


OUTSIDE = {"way": "confidential", "name": "Kim Doe", "email": "kim@home.example"}


def text_of(page: Any) -> str:
    """What somebody reads on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_a_question_and_its_answer_pass_between_two_who_do_not_know_each_other(play: Play) -> None:
    teller, investigator = Teller(play), Reader(play, "investigator")
    code = teller.tell()
    case = play.latest("violation_review").case
    assert (case.opened_by, case.title) == (None, "Search by somebody not authorised, suspended or not trained")
    assert "Your report has arrived." in text_of(teller.follow(code.lower().replace("-", " ")))

    page = investigator.look(f"/cases/{case.number}")
    assert "An anonymous reporter" in text_of(page)
    path = f"/cases/{case.number}/reporter"
    assert "Please write something." in investigator.press(investigator.look(path), path, 422, text=" ").text
    asked = investigator.press(investigator.look(path), path, text="Which name did you see?")
    assert "Your message is waiting for the reporter." in asked.text
    standing = teller.follow(code)
    assert "Which name did you see?" in standing.text
    assert "We have written to you" in standing.text
    assert "Brandt" not in standing.text, "the agency answers, not a person"

    photo = (BytesIO(photograph()), "IMG_20261108_214000 Jane.jpg")
    replied = teller.reply(standing, text="It was Old Login.", attachments=photo)
    assert "Your message has arrived." in replied.text
    play.wait(hours=1)
    assert "reporter_wrote" in play.sent_to("investigator@riverton.example")
    investigator = Reader(play, "investigator")
    assert "1 new message" in text_of(investigator.look(f"/cases/{case.number}"))
    page = investigator.look(path)
    assert "It was Old Login." in page.text
    assert "Picture 1.jpg" in page.text
    [file] = re.findall(r'href="(/files/[0-9a-f]+)"', page.text)
    assert investigator.open(file, buffered=True).headers["Content-Disposition"].endswith('"Picture 1.jpg"')
    investigator.press(page, f"{path}/read")
    assert "new message" not in text_of(investigator.look(f"/cases/{case.number}"))
    stored = stored_text()
    assert "Jane" not in stored
    assert "IMG_" not in stored
    assert code not in stored
    assert code.replace("-", "") not in stored


def test_both_sides_read_the_same_days_from_the_profile(play: Play) -> None:
    teller, investigator = Teller(play), Reader(play, "investigator")
    receipt = teller.post("/tell", teller.fill())
    number = play.latest("violation_review").case.number
    labels = ("Received", "Confirmed by", "First look by", "Answer to (?:you|the reporter) by", "Decided by")
    for page in (receipt, teller.follow(code_on(receipt)), investigator.look(f"/cases/{number}/reporter")):
        found = [re.findall(rf"{label} (\d+ \w+ 2026)", text_of(page)) for label in labels]
        assert found == [["9 Nov 2026"], ["10 Nov 2026"], ["12 Nov 2026"], ["3 Dec 2026"], ["10 Dec 2026"]]


def test_it_is_looked_into_once_somebody_has_done_something_and_not_because_the_reporter_wrote_again(
    play: Play,
) -> None:
    teller, investigator = Teller(play), Reader(play, "investigator")
    code = teller.tell()
    page = teller.follow(code)
    assert "Your report has arrived. Somebody will look at it soon." in page.text
    assert "Somebody will look at it soon." in teller.reply(page, text="One thing more.").text
    path = f"/cases/{play.latest('violation_review').case.number}/reporter"
    investigator.press(investigator.look(path), path, text="Thank you. When was that?")
    assert "Somebody is looking into your report." in teller.follow(code).text


def test_sent_twice_it_is_one_case_with_the_same_code_and_changed_it_comes_back(play: Play) -> None:
    teller = Teller(play)
    form = teller.fill()
    one, other = (teller.post("/tell", form) for _time in range(2))
    assert one.text == other.text
    assert count(Case) == count(Report) == 1
    changed = teller.post("/tell", form | {"what": "Two kestrels sign in."}, 409)
    assert "You have sent this form before" in changed.text
    assert "Two kestrels sign in." in changed.text
    assert "Set-Cookie" not in changed.headers
    second = teller.post("/tell", form | {"what": "Two.", "idempotency_key": hidden(changed, "idempotency_key")})
    assert code_on(second) != code_on(one)
    assert count(Case) == 2
    page = teller.follow(code_on(one))
    said = {name: hidden(page, name) for name in ("idempotency_key", "pass")}
    teller.post("/tell/follow/answer", {**said, "text": "In June."})
    assert "Your message has arrived." in teller.post("/tell/follow/answer", {**said, "text": "In June."}).text
    again = teller.post("/tell/follow/answer", {**said, "text": "In July."}, 409)
    assert "In July." in again.text
    assert count(ReportMessage) == 1


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(play: Play) -> None:
    teller = Teller(play)
    photo = (BytesIO(photograph()), "Jane and me.jpg")
    wrong = {"subject": "", "on": "tomorrow", "what": "A & B < C", "name": "Kim", "attachments": photo}
    form = teller.fill(**wrong)
    back = teller.post("/tell", form, 422)
    for sentence in ("Please choose one of the options.", "Please leave this empty: an anonymous report"):
        assert sentence in back.text
    for kept in ("A &amp; B &lt; C", 'value="tomorrow"', 'value="Kim"', "Picture 1.jpg"):
        assert kept in back.text
    assert "Jane" not in back.text
    assert count(Case) == 0
    [file] = re.findall(r'name="attachments" value="([0-9a-f]+)"', back.text)
    right = {**TOLD, "idempotency_key": hidden(back, "idempotency_key"), "attachments": file}
    future = teller.post("/tell", {**right, "on": "2026-11-12"}, 422)
    assert "This day lies in the future." in future.text
    plate = teller.post("/tell", {**right, "what": "It read 7ABC123."}, 422)
    assert "This looks like a plate" in plate.text
    kind = teller.post("/tell", {**right, "kind": "error_review:E01"}, 422)
    assert "does not go with what you want to report" in kind.text
    teller.post("/tell", right)
    assert session().scalars(sa.select(Attachment.case_id)).one() == play.latest("violation_review").case.id


def test_a_wrong_code_an_old_page_and_another_site_open_nothing(play: Play) -> None:
    teller = Teller(play)
    code, other = teller.tell(), teller.tell(what="Another kestrel.")
    page = teller.follow(code)
    wrong = [teller.follow(each, 404).text for each in ("", "x", code[:-1] + ("A" if code[-1] != "A" else "B"))]
    assert len({re.sub(r'value="[^"]*"', "", text) for text in wrong}) == 1
    said = {name: hidden(page, name) for name in ("idempotency_key", "pass")}
    stranger = hidden(teller.follow(other), "pass")
    forged = [stranger.split(".")[0] + "." + said["pass"].split(".", 1)[1], "", "x.y.z", said["pass"] + "0"]
    for passed in forged:
        teller.post("/tell/follow/answer", {**said, "pass": passed, "text": "Forged."}, 410)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        for path, form in (("/tell", teller.fill()), ("/tell/follow", {"code": code}), ("/tell/follow/answer", said)):
            assert teller.open(path, "POST", data=form, headers=headers).status_code == 403
    assert teller.open("/tell", "POST", data=teller.fill(is_admin="1")).status_code == 400
    play._now[0] += timedelta(hours=3)
    old = teller.post("/tell/follow/answer", {**said, "text": "Too late."}, 410)
    assert "Too late." in old.text
    assert count(ReportMessage) == 0
    assert count(Case) == 2


def test_who_is_signed_in_is_nobody_there(play: Play) -> None:
    officer = Reader(play, "officer")
    page = officer.open("/tell")
    assert "Dana" not in page.text
    assert 'name="csrf_token"' not in page.text
    sent = {**TOLD, "idempotency_key": hidden(page, "idempotency_key")}
    assert "Set-Cookie" not in officer.open("/tell", "POST", data=sent).headers
    written = [line for line in stored_text().splitlines() if not line.startswith(("person", "sign_in"))]
    assert "Dana" not in "".join(written)
    assert count(Case, opened_by=None) == 1


def test_what_is_told_in_confidence_is_read_by_one_office_for_a_purpose(play: Play) -> None:
    teller = Teller(play)
    code = teller.tell(**OUTSIDE)
    number = play.latest("violation_review").case.number
    path = f"/cases/{number}/reporter"
    stored = stored_text()
    assert "Kim Doe" not in stored
    assert "kim@home" not in stored
    investigator = Reader(play, "investigator")
    page = investigator.look(path)
    assert "Kim" not in page.text
    assert "Please say what for" in investigator.press(page, f"{path}/identity", 422, purpose="").text
    known = investigator.press(page, f"{path}/identity", purpose="To protect them.")
    assert "Kim Doe" in known.text
    for part in ("administrator", "reviewer", "deputy"):
        reader = Reader(play, part)
        other = reader.look(path)
        assert "Who reported this" not in other.text
        assert reader.fill(other, path, {"text": "Hello."}).status_code == 200
        sent = fields_of(other, path) | {"purpose": "To know."}
        refused = reader.open(f"{path}/identity", "POST", data=sent)
        assert refused.status_code == 403
    assert Reader(play, "chief").open(path).status_code == 403
    play.settle()
    [news, *_more] = [mail for mail in play.postbox.mails if mail.to_address == "kim@home.example"]
    assert number not in f"{news.subject}{news.text}{news.html}"
    history = "".join(play.latest("violation_review").timeline())
    assert "Read who reported this, for: To protect them." in history
    assert "Kim" not in history
    assert "Hello." in teller.follow(code).text


def test_the_staff_tell_under_their_name_in_the_same_form_and_get_a_code_too(play: Play) -> None:
    officer = Reader(play, "officer")
    told = {name: TOLD[name] for name in ("kind", "what", "harm", "on", "above")}
    back = officer.press(officer.look("/report"), "/report", 422, **told, attachments=(BytesIO(b"A list."), "list.txt"))
    assert "A kestrel signs in." in back.text
    assert "list.txt" in back.text
    [file] = re.findall(r'name="attachments" value="([0-9a-f]+)"', back.text)
    form = {**told, "subject": "violation_review", "attachments": file}
    receipt = officer.press(back, "/report", **form)
    case = play.latest("violation_review").case
    assert case.opened_by == play.officer.person_id
    assert f"Open case {case.number}" in receipt.text
    investigator, path = Reader(play, "investigator"), f"/cases/{case.number}/reporter"
    investigator.press(investigator.look(path), path, text="Where is the list?")
    play.settle()
    assert "reporter_news" in play.sent_to("officer@riverton.example")
    assert "Where is the list?" in Teller(play).follow(code_on(receipt)).text
    assert officer.open(path).status_code == 403, "who reported it answers with the code, and not for the agency"
    assert Reader(play, "officer").look(f"/cases/{case.number}").status_code == 200


@pytest.mark.parametrize("above", ["no", "yes"])
def test_an_error_becomes_an_error_unless_it_has_to_pass_those_above(play: Play, above: str) -> None:
    Teller(play).tell(
        subject="error_review", kind="error_review:E01", harm="stopped", what="It took an O for a zero.", above=above
    )
    case = session().scalars(sa.select(Case)).one()
    said = session().scalars(sa.select(Answers).where(Answers.step == "start")).one().values["what_happened"]
    assert "When: 2026-11-08 in the evening" in said
    if above == "no":
        assert (case.process_id, case.severity, case.title) == ("error_review", "S2", "Character misread")
    else:
        assert (case.process_id, case.hides) == ("violation_review", True)
        assert "Reported as: A reader or its data was wrong, A plate was read wrongly" in said


def test_two_reports_of_the_same_go_on_as_one_for_both_reporters(play: Play) -> None:
    teller, administrator = Teller(play), Reader(play, "administrator")
    told = {"subject": "error_review", "kind": "error_review:E01"}
    first, second = teller.tell(**told), teller.tell(**told, what="The same kestrel.")
    one, other = (each.case for each in play.opened("error_review"))
    path = f"/cases/{other.number}/together"
    page = administrator.look(path)
    merge = next(each for each in re.findall(r'action="([^"]+)"', page.text) if "merge" in each)
    administrator.press(page, merge, case=one.number, reason="The same event.")
    assert "both are dealt with together" in text_of(teller.follow(second))
    assert "Your report has arrived" in text_of(teller.follow(first))
    teller.reply(teller.follow(second), text="One more thing.")
    play.wait(hours=1)
    assert "reporter_wrote" in play.sent_to("administrator@riverton.example")


def test_public_pages_and_the_sign_in_page_lead_to_the_form(play: Play) -> None:
    for path in ("/sign-in", "/notices", "/receipts", "/certificates"):
        assert 'href="/tell">Report an error or a violation' in Teller(play).open(path).text, path
    assert 'href="/tell"' in Reader(play, "officer").look("/report").text


def test_when_it_has_ended_the_reporter_hears_that_there_is_news_and_reads_how(play: Play) -> None:
    teller = Teller(play)
    code = teller.tell(subject="error_review", kind="error_review:E01", **OUTSIDE)
    story = play.latest("error_review")
    story.at("triage", by=play.administrator, route="not_alpr")
    story.at("decide", by=play.administrator, outcome="unfounded", reasons="It was another system.")
    play.wait(hours=1)
    assert play.sent_to("kim@home.example") == ["reporter_news"]
    assert "Ended" in text_of(teller.follow(code))
    assert "Your message has arrived." in teller.reply(teller.follow(code), text="Thank you.").text
    play.wait(hours=1)
    assert "reporter_wrote" in play.sent_to("reviewer@riverton.example"), "somebody hears of it even then"
