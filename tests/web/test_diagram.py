"""The picture of a process with where its case stands."""

from pathlib import Path

import pytest
from lxml import etree

from workflow_app.web.diagram import Mark, UnreadableModel, as_file, render

DATA = Path(__file__).parent / "data"
REVIEW = (DATA / "error_review.bpmn").read_bytes()
SHAPES = (DATA / "shapes.bpmn").read_bytes()
SVG = {"s": "http://www.w3.org/2000/svg"}
BPMN_NAMESPACES = (
    'xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:bi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
)


def drawn(source: bytes = REVIEW, marks: dict[str, Mark] | None = None, prefix: str = "") -> etree._Element:
    return etree.fromstring(render(source, marks or {}, title="Error review", ids_prefix=prefix))


def spoken(svg: etree._Element) -> list[str]:
    return svg.xpath("//s:g[@role='listitem']//s:title/text()", namespaces=SVG)


def step(svg: etree._Element, name: str) -> etree._Element:
    (item,) = svg.xpath(f"//s:g[@role='listitem'][.//s:title[starts-with(., '{name}')]]", namespaces=SVG)
    return item


def one_task(name: str, width: int = 100) -> bytes:
    return (
        f'<b:definitions {BPMN_NAMESPACES}><b:process id="p"><b:userTask id="t" name="{name}"/></b:process>'
        f'<bi:BPMNDiagram><bi:BPMNPlane bpmnElement="p"><bi:BPMNShape bpmnElement="t">'
        f'<dc:Bounds x="0" y="0" width="{width}" height="80"/></bi:BPMNShape></bi:BPMNPlane></bi:BPMNDiagram>'
        "</b:definitions>"
    ).encode()


def test_every_named_step_is_a_list_item_that_says_where_it_stands() -> None:
    said = spoken(drawn(marks={"triage": Mark("done"), "approve_correction": Mark("overdue", "due 22 Nov")}))
    assert "Triage report: done" in said
    assert "Approve correction: current step, overdue, due 22 Nov" in said
    assert "Is the data erroneous? (decision): not reached" in said
    assert "Notify partner agencies (for each): not reached" in said


def test_steps_are_read_in_the_order_in_which_a_case_meets_them() -> None:
    said = [words.partition(":")[0] for words in spoken(drawn())]
    order = ["Error reported", "Triage report", "Rate severity", "Approve correction", "Confirm deletions", "Closed"]
    assert [name for name in said if name in order] == order


def test_a_step_without_a_name_is_passed_over_when_read_aloud() -> None:
    assert not [words for words in spoken(drawn(SHAPES)) if words.startswith((":", " "))]
    (fork,) = drawn(SHAPES).xpath("//s:g[contains(@class, 'parallelGateway')]", namespaces=SVG)
    assert fork.get("aria-hidden") == "true"


def test_nothing_carries_an_inline_style_or_script() -> None:
    for source in (REVIEW, SHAPES):
        svg = drawn(source, {"triage": Mark("failed"), "send": Mark("current")})
        assert not svg.xpath("//@style | //s:style | //s:script | //@*[starts-with(name(), 'on')]", namespaces=SVG)


@pytest.mark.parametrize("state", ["done", "current", "overdue", "failed"])
def test_a_state_is_told_by_a_sign_and_not_by_colour_alone(state: str) -> None:
    item = step(drawn(marks={"triage": Mark(state)}), "Triage report")  # type: ignore[arg-type]
    assert state in item.get("class").split()
    assert item.xpath(".//s:g[@class='badge']/s:path/@d", namespaces=SVG)
    signs = {render(REVIEW, {"triage": Mark(s)}, title="") for s in ("done", "current", "overdue", "failed")}
    assert len(signs) == 4


def test_a_travelled_flow_gets_the_colour_and_arrow_of_its_state() -> None:
    svg = drawn(marks={"to_triage": Mark("done")}, prefix="a-")
    (line,) = svg.xpath("//s:g[@class='flow sequenceFlow done']/s:path", namespaces=SVG)
    assert line.get("marker-end") == "url(#a-bpmn-arrow-done)"
    assert svg.xpath("//s:marker[@id='a-bpmn-arrow-done']", namespaces=SVG)


def test_two_pictures_on_one_page_share_no_id() -> None:
    first, second = (set(drawn(prefix=prefix).xpath("//@id")) for prefix in ("a-", "b-"))
    assert first
    assert not first & second


def test_every_arrow_that_is_used_is_defined() -> None:
    svg = drawn(marks={"to_triage": Mark("done"), "erroneous": Mark("failed"), "told": Mark("current")})
    used = {url[5:-1] for url in svg.xpath("//@marker-end")}
    assert used == set(svg.xpath("//s:marker/@id", namespaces=SVG))


def test_lanes_carry_their_names_upright_in_a_strip() -> None:
    svg = drawn()
    lanes = svg.xpath("//s:g[@class='frame lane']", namespaces=SVG)
    assert ["".join(lane.itertext()) for lane in lanes] == ["Staff", "Vendor", "Deputy chief"]
    assert all("rotate(-90" in lane.xpath("s:g/@transform", namespaces=SVG)[0] for lane in lanes)


def test_a_timer_that_does_not_interrupt_is_dashed_and_one_that_does_is_not() -> None:
    svg = drawn()
    assert "dashed" in step(svg, "Five days without answer").get("class").split()
    assert "dashed" not in step(svg, "Two days overdue").get("class").split()


def test_the_picture_holds_all_shapes_and_keeps_a_readable_size() -> None:
    svg = drawn()
    x, y, width, height = map(float, svg.get("viewBox").split())
    for rect in svg.iter("{http://www.w3.org/2000/svg}rect"):
        assert x <= float(rect.get("x"))
        assert float(rect.get("x")) + float(rect.get("width")) <= x + width
        assert y <= float(rect.get("y"))
        assert float(rect.get("y")) + float(rect.get("height")) <= y + height
    assert float(svg.get("width")) >= 0.84 * width


def test_a_short_process_is_not_blown_up_to_the_width_of_the_page() -> None:
    assert float(drawn(one_task("Ask")).get("viewBox").split()[2]) >= 700


def test_long_names_are_broken_into_lines_that_fit_their_shape() -> None:
    name = "Acknowledgement of an extraordinarily long erroneous-data notification by the agency"
    lines = step(drawn(one_task(name)), "Acknowledgement").xpath(".//s:tspan/text()", namespaces=SVG)
    assert 1 < len(lines) <= 4
    assert all(len(line) <= 19 for line in lines)
    assert lines[-1].endswith("…")


def test_names_from_the_model_cannot_smuggle_markup() -> None:
    svg = drawn(one_task("&lt;script&gt; &quot;x&quot; &amp; y", 200))
    assert spoken(svg) == ['<script> "x" & y: not reached']


def test_a_model_without_a_drawing_gives_no_picture() -> None:
    assert render(f'<b:definitions {BPMN_NAMESPACES}><b:process id="p"/></b:definitions>'.encode(), {}, title="") == ""


def test_as_a_file_of_its_own_it_names_its_style_sheets_and_stays_legible_without_them() -> None:
    file = etree.fromstring(as_file(render(REVIEW, {}, title="Error review"), "/tokens.css", "/diagram.css").encode())
    assert [sheet.get("href") for sheet in file.xpath("//preceding-sibling::processing-instruction()")] == [
        "/tokens.css",
        "/diagram.css",
    ]
    assert (file.get("fill"), file.get("stroke")) == ("none", "currentColor")
    assert set(file.xpath("//s:text/@stroke", namespaces=SVG)) == {"none"}


def test_marks_on_things_that_are_not_drawn_are_ignored() -> None:
    assert "not reached" in spoken(drawn(marks={"gone": Mark("done")}))[0]


@pytest.mark.parametrize(
    "source",
    [
        b"<definitions",
        b"",
        b'<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>',
        b'<!DOCTYPE d SYSTEM "file:///etc/hostname"><d/>',
        b"<d>" + b" " * (1024 * 1024) + b"</d>",
    ],
)
def test_broken_oversized_or_cunning_files_are_refused(source: bytes) -> None:
    with pytest.raises(UnreadableModel):
        render(source, {}, title="")
