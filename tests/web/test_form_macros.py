"""Forms as people and screen readers meet them."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import render_template_string
from gallery_site import gallery
from lxml import html

OPTIONS = [SimpleNamespace(value=n, label=f"Option {n}", hint="") for n in range(1, 501)]


def field(**given: Any) -> Any:
    plain = {
        "name": "answer", "kind": "text", "label": "Answer", "hint": "", "required": False, "value": None, "errors": [],
        "options": [], "max_length": None, "autocomplete": "", "placeholder": "", "group": "",
    }  # fmt: skip
    return SimpleNamespace(**(plain | given))


def shown(*fields: Any, summary: list[str] | None = None) -> html.HtmlElement:
    source = '{% import "macros/forms.html" as forms %}<form>{{ forms.form_fields(fields, summary) }}</form>'
    with gallery().test_request_context():
        return html.fromstring(render_template_string(source, fields=fields, summary=summary or []))


@pytest.mark.parametrize("kind", ["text", "email", "date", "datetime", "number", "plate", "long", "file"])
def test_every_control_has_a_label_and_is_described_by_its_hint_and_error(kind: str) -> None:
    form = shown(field(kind=kind, hint="As on the form.", errors=["Write an answer."]))
    (control,) = form.xpath("//*[@name='answer']")
    assert form.xpath(f"//label[@for='{control.get('id')}']")[0].text_content().startswith("Answer")
    said = [form.get_element_by_id(ref).text_content() for ref in control.get("aria-describedby").split()]
    assert said == ["As on the form.", "Write an answer."]
    assert control.get("aria-invalid") == "true"


@pytest.mark.parametrize(
    ("kind", "value"),
    [("text", 'a "b" <c>'), ("email", "not an address"), ("number", "three"), ("date", "2026-11-09"), ("plate", "x")],
)
def test_what_was_typed_is_shown_again_right_or_wrong(kind: str, value: str) -> None:
    form = shown(field(kind=kind, value=value, errors=["No."]))
    assert form.xpath("//*[@name='answer']")[0].get("value") == value


def test_a_long_text_keeps_every_line_and_is_never_cut_short_by_the_browser() -> None:
    form = shown(field(kind="long", value="\none\n<two>", max_length=2000, hint="Briefly."))
    (area,) = form.xpath("//textarea")
    assert area.text.removeprefix("\n").endswith("one\n<two>")
    assert area.get("maxlength") is None
    assert form.get_element_by_id("f-answer-hint").text_content() == "Briefly. Up to 2,000 characters."


def test_a_list_for_exceptions_offers_no_button_that_ticks_everything() -> None:
    usual = shown(field(kind="choices", options=OPTIONS[:12]))
    exceptions = shown(field(kind="choices", options=OPTIONS[:12], select_all=False))
    assert [len(form.xpath("//button[@data-all]")) for form in (usual, exceptions)] == [1, 0]
    assert "Select all" not in exceptions.text_content()


def test_required_and_optional_are_said_in_words() -> None:
    form = shown(field(required=True), field(name="more"))
    assert [mark.text for mark in form.xpath("//span[@class='needed']")] == ["required", "optional"]
    assert [bool(form.xpath(f"//input[@name='{name}'][@required]")) for name in ("answer", "more")] == [True, False]


def test_few_choices_are_cards_and_many_are_a_list_to_pull_down() -> None:
    few = shown(field(kind="choice", options=OPTIONS[:6], value="2", required=True))
    assert [radio.get("value") for radio in few.xpath("//input[@type='radio'][@checked]")] == ["2"]
    assert few.xpath("//fieldset[@role='radiogroup'][@aria-required='true']/legend")
    many = shown(field(kind="choice", options=OPTIONS[:7], value=3))
    assert [option.get("value") for option in many.xpath("//option[@selected]")] == ["3"]


@pytest.mark.parametrize(("value", "chosen"), [(True, ["yes"]), ("no", ["no"]), (False, ["no"]), (None, []), ("", [])])
def test_yes_or_no_is_asked_without_an_answer_given_in_advance(value: object, chosen: list[str]) -> None:
    form = shown(field(kind="yes_no", value=value))
    assert [radio.get("value") for radio in form.xpath("//input[@checked]")] == chosen


@pytest.mark.parametrize("kind", ["choice", "yes_no"])
def test_what_may_be_left_open_can_be_left_open_again(kind: str) -> None:
    options = OPTIONS[:2] if kind == "choice" else []
    optional, needed = (shown(field(kind=kind, options=options, value="2", required=must)) for must in (False, True))
    last = optional.xpath("//label[input[@type='radio']]")[-1]
    assert (last.text_content().strip(), last.find("input").get("value")) == ("Leave it open", "")
    assert "Leave it open" not in needed.text_content()


def test_a_list_of_five_hundred_stays_in_its_box_and_keeps_what_was_ticked() -> None:
    form = shown(field(kind="choices", options=OPTIONS, value=["2", "500"], errors=["Choose fewer."]))
    assert len(form.xpath("//div[@class='options scroll']//input[@type='checkbox']")) == 500
    assert [box.get("value") for box in form.xpath("//input[@checked]")] == ["2", "500"]
    assert "Select all that apply (500 in the list)." in form.text_content()


def test_a_declaration_is_ticked_only_when_it_was() -> None:
    assert not shown(field(kind="checkbox", value=None)).xpath("//input[@checked]")
    assert shown(field(kind="checkbox", value="yes")).xpath("//input[@checked][@value='yes']")


def test_a_plate_is_not_remembered_by_the_browser() -> None:
    (control,) = shown(field(kind="plate", autocomplete="on")).xpath("//input")
    assert control.get("autocomplete") == "off"
    assert control.get("spellcheck") == "false"


def test_the_summary_of_errors_leads_to_each_field_and_to_the_first_of_a_set() -> None:
    wrong = {"kind": "choice", "options": OPTIONS[:3], "errors": ["Choose one."]}
    form = shown(field(errors=["Too short."], name="reason", label="Reason"), field(**wrong), summary=["Not both."])
    (summary,) = form.xpath("//div[@role='alert']")
    assert [line.text_content().strip() for line in summary.xpath(".//li")] == [
        "Not both.",
        "Reason: Too short.",
        "Answer: Choose one.",
    ]
    for link in summary.xpath(".//a/@href"):
        assert form.get_element_by_id(link[1:]).tag == "input"


def test_files_received_before_an_error_are_not_lost_and_can_be_left_out() -> None:
    named = SimpleNamespace(value="c41", label="findings.pdf", hint="")
    form = shown(field(kind="file", value=["c41", "c42"], options=[named]))
    kept = form.xpath("//input[@type='checkbox'][@checked][@name='answer']")
    assert [box.get("value") for box in kept] == ["c41", "c42"]
    assert "findings.pdf" in form.text_content()


def test_a_right_form_has_no_summary() -> None:
    assert not shown(field()).xpath("//*[@role='alert']")


def test_a_heading_stands_once_over_the_fields_of_its_group() -> None:
    form = shown(field(group="Who"), field(name="b", group="Who"), field(name="c", group="What"))
    assert [heading.text for heading in form.xpath("//h3")] == ["Who", "What"]
