"""The external reviewer's desk, comments and disagreements by browser and program; and who may not have them."""

from __future__ import annotations

from access_stage import Looker
from pages import Reader, fields_of, sound

from processes.disagreement.test_disagreement import REASONS, coached
from processes.information_request.test_information_request import ASKED, violation
from workflow_app import clock
from workflow_app.cases import reporting
from workflow_app.cases.report_table import Way
from workflow_app.db import unit_of_work
from workflow_app.play import CAST, Play
from workflow_app.web.once import fresh_key

TEXT = "Please look at the other\nreader as well."


def reported(play: Play, harm: str = "none") -> Play:
    """A suspected error."""
    return play.start(
        "error_review", by=play.officer, error_class="E01", what_happened="An 8 for a B.", harm=harm, live=False,
        device="ALPR-17", happened_at="2026-11-08T21:40", detection_id="NL-1",
    )  # fmt: skip


def test_the_desk_shows_the_reviewer_everything_and_nobody_who_reported_it(play: Play) -> None:
    grave, rest = reported(play, "arrest").case.number, reported(play).case.number
    asked = play.opens("information_request", by=play.reviewer, **ASKED).case.number
    answered = coached(play).disputed(REASONS, by=play.reviewer).case.number
    disputed = play.case.number
    reader = Reader(play, "reviewer")
    page = reader.look("/desk")
    for number in (grave, rest, asked, answered, disputed):
        assert f'href="/cases/{number}"' in page.text
    for heading in ("Waits for you", "The rest of this week", "Yearly statements", "Decisions that you disagree with"):
        assert heading in page.text
    for reporter in ("Dana Reyes", "Ruth Okafor"):
        assert reporter not in page.text
    assert '<a href="/desk"' in reader.look("/").text
    play.days(7)
    reader = Reader(play, "reviewer")
    page = reader.look("/desk")
    number = play.latest("review_digest").case.number
    assert number in page.text
    listed = reader.look(f"/desk/weeks/{number}")
    assert rest in listed.text
    assert grave not in listed.text
    assert f"/desk/weeks/{number}" in reader.look(f"/cases/{number}").text
    play.latest("review_digest").at("read", by=play.reviewer, read=True)
    assert rest in reader.look(f"/desk/weeks/{number}").text, "also when it has been read"
    assert reader.look(f"/desk/weeks/{rest}", 404)
    for part in set(CAST) - {"reviewer"}:
        other = Reader(play, part)
        assert (other.open("/desk").status_code, other.open(f"/desk/weeks/{number}").status_code) == (403, 403)
        assert 'href="/desk"' not in other.open("/").text


def test_a_comment_stands_in_the_history_for_good_and_is_told_to_whoever_works_on_the_case(play: Play) -> None:
    number, reader = reported(play).case.number, Reader(play, "reviewer")
    assert "Disagree with the decision" not in reader.look(f"/cases/{number}").text
    form = reader.look(f"/cases/{number}/comment")
    empty = reader.press(form, f"/cases/{number}/comment", 422, text="  ")
    again = reader.press(empty, f"/cases/{number}/comment", text=TEXT)
    for said in ("Comment of the external reviewer", "Please look at the other reader as well."):
        assert said in again.text
    assert "Comment of the external reviewer: Please look at the other reader as well." in play.timeline()
    play.settle()
    assert play.sent_to("administrator@riverton.example")[-1] == "commented"
    [mail] = [each for each in play.postbox.mails if "commented" in each.subject]
    assert "other reader" not in f"{mail.subject}{mail.text}{mail.html}"
    play.at("triage", by=play.administrator, route="not_alpr")
    play.at("decide", by=play.administrator, outcome="unfounded", reasons="It is another system.")
    api = Looker(play, "reviewer").ask(f"/api/v1/cases/{number}/comments", "POST", text="And now?")
    assert api.status_code == 200
    assert "Comment of the external reviewer: And now?" in play.timeline()


def test_a_case_kept_from_those_above_is_not_told_to_them_and_who_has_a_part_in_it_does_not_comment(
    play: Play,
) -> None:
    violation(play, play.chief)
    looker = Looker(play, "reviewer")
    path = f"/api/v1/cases/{play.case.number}/comments"
    assert looker.ask(path, "POST", text="Who else knew?").status_code == 200
    play.settle()
    for part in ("chief", "administrator"):
        assert "commented" not in play.sent_to(f"{part}@riverton.example")
    assert "commented" in play.sent_to("investigator@riverton.example")
    mine = play.start(
        "error_review", by=play.reviewer, error_class="E01", what_happened="An 8 for a B.", harm="none", live=False,
        device="ALPR-17", happened_at="2026-11-08T21:40", detection_id="NL-1",
    ).case.number  # fmt: skip
    assert looker.ask(f"/api/v1/cases/{mine}/comments", "POST", text="Mine.").status_code == 403
    assert looker.ask(f"/api/v1/cases/{mine}/comments", "POST", text="x" * 4000).status_code == 403
    assert Reader(play, "reviewer").open(f"/cases/{mine}/comment").status_code == 403
    about_reviewer = violation(play, play.reviewer).case.number
    assert about_reviewer not in Reader(play, "reviewer").look("/desk").text
    assert looker.ask(f"/api/v1/cases/{about_reviewer}/comments", "POST", text="Me?").status_code == 404
    assert Looker(play, "chief").ask(path, "POST", text="Me?").status_code in {403, 404}


def test_a_disagreement_is_sent_once_and_leads_to_where_it_is_answered(play: Play) -> None:
    number = coached(play).case.number
    reader, path = Reader(play, "reviewer"), f"/cases/{number}/disagree"
    assert "Disagree with the decision" in reader.look(f"/cases/{number}").text
    form = reader.look(path)
    hidden = fields_of(form, path)
    answer = reader.press(form, path, reasons=REASONS)
    assert "Answer to a disagreement" in answer.text
    assert reader.open(path, "POST", data=hidden | {"reasons": REASONS}).status_code == 303, "the same form again"
    assert len(play.opened("disagreement")) == 1
    second = reader.press(reader.look(path), path, 409, reasons="Again.")
    assert "recorded already" in second.text
    assert "Again." in second.text
    assert f'href="{path}"' not in reader.look(f"/cases/{number}").text
    api = Looker(play, "reviewer").ask(f"/api/v1/cases/{number}/disagreement", "POST", reasons="Again.")
    assert (api.status_code, "recorded already" in api.json["title"]) == (409, True)


def test_a_request_is_opened_from_a_case_alone(play: Play) -> None:
    number, reader = reported(play).case.number, Reader(play, "reviewer")
    page = reader.look(f"/cases/{number}")
    path = f"/report/information_request?origin={number}"
    assert f'href="{path}"' in page.text
    assert reader.open("/report/information_request").status_code == 403
    assert "Request for information" not in reader.look("/report/other").text
    made = reader.press(reader.look(path), path, **ASKED)
    assert "The case that is asked about" in made.text
    sound(made)


def test_a_confidential_reporter_is_on_nothing_that_reaches_the_reviewer(play: Play) -> None:
    told = {
        "error_class": "E01", "what_happened": "An 8 for a B.", "harm": "none", "live": False, "device": "ALPR-17",
        "happened_at": "2026-11-08T21:40", "detection_id": "NL-1",
    }  # fmt: skip
    key, who = fresh_key(), ("Zoe Lang", "zoe@private.example")
    with clock.stopped_at(play.now), unit_of_work():
        case = reporting.file(
            reporting.sender(key, Way.CONFIDENTIAL), key, "error_review", told, way=Way.CONFIDENTIAL, who=who
        )
        number = case.number
    play.days(7)
    reader = Reader(play, "reviewer")
    weekly = play.latest("review_digest").case.number
    pages = [reader.look(path) for path in ("/desk", f"/desk/weeks/{weekly}", f"/cases/{number}/comment", "/")]
    assert number in pages[1].text
    said = [page.text for page in pages]
    said += [f"{each.subject}{each.text}" for each in play.postbox.mails if each.to_address.startswith("reviewer")]
    assert any(number in each for each in said[len(pages) :])
    for each in said:
        assert "Zoe" not in each
        assert "zoe@" not in each
