"""Writing a message from its three files."""

from pathlib import Path

import pytest

from notifications import Layout, Renderer, RenderError, missing


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    folder = tmp_path / "error_review" / "emails"
    folder.mkdir(parents=True)
    (folder / "acknowledge.subject.txt").write_text("We have your report {{ number }}\n")
    (folder / "acknowledge.txt").write_text("Dear {{ name }},\nopen {{ link_url }}\n")
    (folder / "acknowledge.html").write_text(
        '{% extends "layout.html" %}{% block body %}'
        '<p>Dear {{ name }},</p>{{ button("Open it", link_url) }}{% endblock %}'
    )
    return tmp_path


@pytest.fixture
def renderer(processes: Path) -> Renderer:
    return Renderer([processes], Layout(agency="Springfield Police", contact="alpr@agency.example"))


def write(processes: Path, part: str, source: str) -> None:
    (processes / "error_review" / "emails" / f"acknowledge.{part}").write_text(source)


PARAMS = {"number": "ER-2026-000001", "name": "Ana"}
LINK = "https://agency.example/l/x?a=1&b=2"


def test_a_message_has_a_subject_a_text_and_a_page_under_the_layout(renderer: Renderer) -> None:
    mail = renderer.render("error_review/acknowledge", PARAMS, LINK)
    assert mail.subject == "We have your report ER-2026-000001"
    assert mail.text == f"Dear Ana,\nopen {LINK}\n\n-- \nSpringfield Police\nalpr@agency.example\n"
    assert 'href="https://agency.example/l/x?a=1&amp;b=2"' in mail.html
    assert "<title>We have your report ER-2026-000001</title>" in mail.html
    assert "Springfield Police" in mail.html
    assert "color-scheme" in mail.html


def test_the_page_loads_nothing_from_elsewhere(renderer: Renderer) -> None:
    page = renderer.render("error_review/acknowledge", PARAMS, LINK).html.replace(LINK.replace("&", "&amp;"), "")
    assert "http" not in page
    assert [word for word in ("<img", "<script", "@import", "url(") if word in page] == []


@pytest.mark.parametrize("name", ["{{7*7}}", "<script>alert(1)</script>", "{% raw %}", "{{ layout.__class__ }}"])
def test_what_people_wrote_is_shown_as_text_never_run(renderer: Renderer, name: str) -> None:
    mail = renderer.render("error_review/acknowledge", {**PARAMS, "name": name}, LINK)
    assert f"Dear {name}," in mail.text
    assert "<script" not in mail.html
    assert name.replace("<", "&lt;").replace(">", "&gt;") in mail.html
    assert "49" not in mail.html


def test_a_line_break_in_the_subject_is_refused(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="one line"):
        renderer.render("error_review/acknowledge", {**PARAMS, "number": "1\r\nBcc: all@agency.example"}, LINK)


def test_a_long_subject_is_cut(renderer: Renderer) -> None:
    subject = renderer.render("error_review/acknowledge", {**PARAMS, "number": "1" * 500}, LINK).subject
    assert len(subject) == 150
    assert subject.endswith("1…")


def test_an_empty_subject_is_refused(renderer: Renderer, processes: Path) -> None:
    write(processes, "subject.txt", "\n")
    with pytest.raises(RenderError, match="empty"):
        renderer.render("error_review/acknowledge", PARAMS, LINK)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("{{ nobody_gave_this }}", "'nobody_gave_this' was not given"),
        ("{{ table[name] }}", "cannot be filled in"),
        ("{% if %}", "a mistake in line 1"),
        ("{{ name.__class__.__mro__ }}", "may not use"),
        ("{% include 'other/file.txt' %}", "other/file.txt is missing"),
        ("{% include '../../../../../../etc/passwd' %}", "missing"),
    ],
)
def test_a_faulty_file_is_named_without_repeating_a_value(
    renderer: Renderer, processes: Path, source: str, sentence: str
) -> None:
    write(processes, "txt", source)
    with pytest.raises(RenderError, match=sentence) as caught:
        renderer.render("error_review/acknowledge", {**PARAMS, "table": {}, "name": "Secret"}, LINK)
    assert "Secret" not in str(caught.value)


def test_a_file_that_needs_a_link_fails_without_one(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="'link_url' was not given"):
        renderer.render("error_review/acknowledge", PARAMS)


def test_a_link_that_is_no_web_address_is_refused(renderer: Renderer) -> None:
    with pytest.raises(RenderError, match="not a web address"):
        renderer.render("error_review/acknowledge", PARAMS, "javascript:alert(1)")


def test_missing_names_each_file_that_does_not_exist(processes: Path) -> None:
    assert missing([processes], "error_review/acknowledge") == []
    (processes / "error_review" / "emails" / "acknowledge.html").unlink()
    assert missing([processes], "error_review/acknowledge") == ["error_review/emails/acknowledge.html"]
    assert len(missing([processes], "error_review/other")) == 3
    assert missing([processes], "../../etc") == ["../../etc"]


def test_a_missing_file_is_named_when_rendering_too(renderer: Renderer, processes: Path) -> None:
    (processes / "error_review" / "emails" / "acknowledge.html").unlink()
    with pytest.raises(RenderError, match=r"acknowledge\.html is missing"):
        renderer.render("error_review/acknowledge", PARAMS, LINK)
