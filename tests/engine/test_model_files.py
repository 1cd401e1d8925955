"""A model's files are read without trusting them."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_models import changed, model

from workflow_app.engine import ModelError, Problem, parse
from workflow_app.engine.reading import MAX_BYTES

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
NAME = "plain_line.bpmn"


def problems(source: bytes) -> list[Problem]:
    with pytest.raises(ModelError) as refusal:
        parse("plain_line", {NAME: source})
    return refusal.value.problems


def plain_line() -> bytes:
    return changed("plain_line")[NAME]


def test_a_document_type_is_refused() -> None:
    typed = plain_line().replace(DECLARATION, DECLARATION + b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd">')
    assert problems(typed) == [Problem(NAME, "", "has a document type, which models may not have")]


def test_entities_that_multiply_are_refused() -> None:
    lines = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    laughs = DECLARATION + b'<!DOCTYPE x [<!ENTITY e0 "ha">' + lines + b"]><x>&e9;</x>"
    assert problems(laughs) == [Problem(NAME, "", "has a document type, which models may not have")]


def test_an_external_entity_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]><x>&e;</x>'
    found = problems(DECLARATION + entity.encode())
    assert found == [Problem(NAME, "", "has a document type, which models may not have")]


def test_a_document_type_does_not_hide_in_another_encoding() -> None:
    hidden = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>'.encode("utf-16")
    assert problems(hidden) == [Problem(NAME, "", "is not written in UTF-8")]


def test_bytes_that_are_not_utf8_are_refused() -> None:
    assert problems(plain_line() + b"<!-- \xff -->") == [Problem(NAME, "", "is not written in UTF-8")]


def test_a_huge_file_is_refused_before_it_is_read() -> None:
    (problem,) = problems(b" " * (MAX_BYTES + 1))
    assert problem == Problem(NAME, "", f"is larger than {MAX_BYTES} bytes")


@pytest.mark.parametrize("source", [b"", b"<x>", b"plain text", b"<a></b>"])
def test_broken_xml_is_refused(source: bytes) -> None:
    (problem,) = problems(source)
    assert problem.file == NAME
    assert "is not well-formed XML" in problem.reason


def test_a_file_that_is_something_else_is_refused() -> None:
    assert Problem(NAME, "", "holds exactly one process") in problems(b"<html />")


def test_a_missing_file_and_a_foreign_process_are_refused() -> None:
    with pytest.raises(ModelError, match=r"other\.bpmn: is missing"):
        parse("other", {NAME: plain_line()})
    with pytest.raises(ModelError, match=r"other\.bpmn"):
        parse("other", {"other.bpmn": plain_line()})


@pytest.mark.parametrize("policy", ["UNIQUE", "COLLECT", "ANY", "RULE ORDER"])
def test_a_table_with_another_hit_policy_is_refused(policy: str) -> None:
    sources = changed("decision_table")
    table = sources["decision_table.dmn"].replace(b'hitPolicy="FIRST"', f'hitPolicy="{policy}"'.encode())
    with pytest.raises(ModelError) as refusal:
        parse("decision_table", {**sources, "decision_table.dmn": table})
    reason = 'a decision table says hitPolicy="FIRST": the first matching rule wins'
    assert refusal.value.problems == [Problem("decision_table.dmn", "grading_table", reason)]


@pytest.mark.parametrize(
    ("passage", "element"),
    [('start["harm"]', "harm_expression"), ('"arrest"', "arrest_harm"), ('"S1"', "arrest_level")],
)
def test_a_table_with_more_than_expressions_is_refused(passage: str, element: str) -> None:
    sources = changed("decision_table")
    table = sources["decision_table.dmn"].replace(f"<text>{passage}<".encode(), b"<text>().__class__<")
    with pytest.raises(ModelError) as refusal:
        parse("decision_table", {**sources, "decision_table.dmn": table})
    reason = "the expression '().__class__' uses Attribute, which models may not use"
    assert refusal.value.problems == [Problem("decision_table.dmn", element, reason)]


def test_a_table_that_is_not_there_is_refused() -> None:
    sources = changed("decision_table", ("calledDecisionId>grading<", "calledDecisionId>elsewhere<"))
    with pytest.raises(ModelError, match=r"decision_table\.bpmn"):
        parse("decision_table", sources)


def test_a_version_is_the_hash_of_what_its_files_say() -> None:
    found = model("decision_table")
    again = parse("decision_table", changed("decision_table"))
    sources = changed("decision_table")
    other = parse("decision_table", {**sources, "decision_table.dmn": sources["decision_table.dmn"] + b"\n"})
    assert found.version == again.version
    assert found.version != other.version
