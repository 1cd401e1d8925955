"""Opening, finding and following cases by program."""

from typing import Any

from programs import REPORT, Program, problem


def test_a_case_is_opened_and_found_where_the_answer_says(officer: Program) -> None:
    opened = officer.open("error_review")
    assert opened.status_code == 201
    body: Any = opened.json
    assert opened.headers["Location"] == f"/api/v1/cases/{body['number']}"
    assert body["number"].startswith("ER-")
    assert body["process"] == "error_review"
    assert len(body["process_version"]) == 64
    assert (body["status"], body["outcome"], body["parent"]) == ("open", None, None)
    assert body["severity"] == "S4"
    assert [task["step"] for task in body["tasks"]] == ["triage"]
    assert body["url"].endswith(f"/cases/{body['number']}")
    assert officer.get(f"/cases/{body['number']}").json == body


def test_answers_that_do_not_fit_the_form_come_back_by_field(officer: Program) -> None:
    wrong = REPORT | {"error_class": "E99", "live": "perhaps", "shoe_size": 44}
    del wrong["device"]
    errors = problem(officer.open("error_review", wrong), 422)["errors"]
    assert errors["error_class"] == ["Please choose one of the options."]
    assert errors["live"] == ["Please choose yes or no."]
    assert errors["device"] == ["Please fill this in."]
    assert set(errors) == {"error_class", "live", "device", "shoe_size"}


def test_a_case_of_an_unknown_process_cannot_be_opened(officer: Program) -> None:
    assert "process" in problem(officer.open("time_travel"), 422)["errors"]


def test_a_process_that_only_other_cases_open_is_not_opened_by_hand(officer: Program) -> None:
    closed = [one["id"] for one in officer.get("/processes").json["items"] if not one["can_open"]]
    assert closed, "erroneous_data_notice is opened by other cases"
    for process in closed:
        problem(officer.open(process, {"any": "thing"}), 403)


def test_a_list_of_cases_is_read_page_by_page(officer: Program) -> None:
    numbers = [officer.open().json["number"] for _ in range(53)]
    first = officer.get("/cases").json
    rest = officer.get(f"/cases?page={first['next']}").json
    assert [case["number"] for case in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None


def test_cases_are_found_by_process_status_and_words(officer: Program) -> None:
    number = officer.open("error_review").json["number"]
    officer.open()

    def found(query: str) -> list[str]:
        return [case["number"] for case in officer.get(f"/cases?{query}").json["items"]]

    assert found("process=error_review") == [number]
    assert found(f"q={number.lower()}") == [number]
    assert found("status=closed") == found(f"parent={number}") == []
    assert found("q=%25") == []


def test_a_question_that_makes_no_sense_is_refused(officer: Program) -> None:
    for query in ("page=0", "page=²", "page=99999999999999999999", "status=lost", "colour=red"):
        problem(officer.get(f"/cases?{query}"), 422)


def test_the_record_of_a_case_is_read_in_order(officer: Program) -> None:
    body = officer.open().json
    for task in body["tasks"]:
        assert officer.complete(task, {"seen": "nothing"}).status_code == 200
    events = officer.get(f"/cases/{body['number']}/events").json["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["kind"] == "case.opened"
    assert events[-1]["kind"] == "case.closed"
    assert (events[0]["actor"], events[0]["via"]) == ("Dana Reyes", "token")
    assert officer.get(f"/cases/{body['number']}/events?page=2").json["items"] == events[2:]


def test_the_picture_shows_where_the_case_stands(officer: Program) -> None:
    number = officer.open("error_review").json["number"]
    picture = officer.get(f"/cases/{number}/diagram.svg")
    assert picture.content_type.startswith("image/svg+xml")
    assert picture.text.startswith("<?xml")
    assert "current step" in picture.text
    assert "diagram.css" in picture.text


def test_a_process_without_a_drawing_has_no_picture(officer: Program) -> None:
    problem(officer.get(f"/cases/{officer.open().json['number']}/diagram.svg"), 404)


def test_another_persons_case_does_not_exist(officer: Program, supervisor: Program) -> None:
    body = officer.open("error_review").json
    case, task = f"/cases/{body['number']}", f"/tasks/{body['tasks'][0]['id']}"
    for path in (case, f"{case}/events", f"{case}/diagram.svg", task):
        problem(supervisor.get(path), 404)
    for act in ("claim", "release"):
        problem(supervisor.post(f"{task}/{act}"), 404)
    problem(supervisor.post(f"{task}/complete", {"answers": {}}, **{"If-Match": "*"}), 404)
    problem(supervisor.post(f"{task}/reassign", {"to": "chief@riverton.example", "reason": "Leave"}), 403)
    assert supervisor.get("/cases").json["items"] == []
    assert supervisor.get("/tasks").json["items"] == []
    missing = supervisor.get("/cases/ER-2026-999999").json
    assert missing["detail"] == supervisor.get(case).json["detail"]


def test_processes_tell_what_can_be_opened(officer: Program) -> None:
    listed = {one["id"]: one for one in officer.get("/processes").json["items"]}
    review = listed["error_review"]
    assert review["can_open"] is True
    assert review["prefix"] == "ER"
    assert "error_class" in review["form"]["required"]
    assert "<bpmn:definitions" in review["bpmn"]
    assert review["version"] == officer.open("error_review").json["process_version"]
    assert officer.get("/processes/error_review").json == review
    problem(officer.get("/processes/time_travel"), 404)
