"""What the check says to somebody who writes a process: the file, the element, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import processes
from workflow_app.access import Role
from workflow_app.agency import profile
from workflow_app.check import shipped
from workflow_app.kit import Form, Process, Registry, text, yes_no

LOST = Path(__file__).parent / "lost_reader"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a process in which everything fits."""
    made = tmp_path / "lost_reader"
    (made / "emails").mkdir(parents=True)
    (made / "lost_reader.bpmn").write_text(LOST.with_suffix(".bpmn").read_text())
    (made / "handlers.py").write_text("step.notify('lost', [], device='')\n")
    for part in ("subject.txt", "txt", "html"):
        (made / "emails" / f"lost.{part}").write_text("The reader {{ device }} is lost.")
    return made


class Report(Form):
    device = text("Which reader?")


class Search(Form):
    found = yes_no("Was it found?", routes=True)


def lost_reader(folder: Path, *, prefix: str = "LR", bound: bool = True) -> Process:
    lanes = {"ALPR Casework": None, "Programme administrator": Role.PROGRAMME_ADMINISTRATOR}
    process = Process(
        id="lost_reader", prefix=prefix, title="Lost reader", purpose="A reader is missing.", serves=("R48",),
        lanes=lanes, opened_by=(Role.STAFF,), folder=folder,
    )  # fmt: skip
    if bound:
        process.opens_with(Report)
        process.form("search")(Search)
        process.handles("tell")(lambda _step: None)
    return process


def said(process: Process, *others: Process) -> list[str]:
    return [str(problem) for problem in shipped(process, Registry([process, *others]), profile.load("default"))]


def test_a_process_that_fits_is_left_alone(folder: Path) -> None:
    assert said(lost_reader(folder)) == []


DEADLINE = '<spiffworkflow:property name="deadline" value="information_request.answer"/>'


@pytest.mark.parametrize(
    ("old", "new", "element", "reason"),
    [
        ('search["found"]', 'serch["found"]', "yes",
         "the expression 'serch[\"found\"] == True' asks for serch, which no step or table gives"),
        (DEADLINE, "", "search", "the property deadline is missing; it names one of the profile's deadlines"),
        ("information_request.answer", "lost_reader.search", "search",
         "the property deadline names lost_reader.search, which is no deadline of the profile"),
        (DEADLINE, f"{DEADLINE}<spiffworkflow:property name='urgent' value='start.found'/>", "search",
         "the expression 'start.found' uses Attribute, which models may not use"),
    ],
)  # fmt: skip
def test_a_slip_in_the_model_is_named_with_its_element(
    folder: Path, old: str, new: str, element: str, reason: str
) -> None:
    model = folder / "lost_reader.bpmn"
    model.write_text(model.read_text().replace(old, new))
    [sentence] = said(lost_reader(folder))
    assert sentence.startswith("lost_reader.bpmn")
    assert sentence.endswith(f": {element}: {reason}")


def test_what_is_not_bound_may_only_not_be_imported(folder: Path) -> None:
    unbound = "is missing, or lost_reader/__init__.py does not import its file"
    assert [line.partition(": no ")[2] for line in said(lost_reader(folder, bound=False))] == [
        f'form is bound: @process.form("search") {unbound}',
        f'handler is bound: @process.handles("tell") {unbound}',
    ]


def test_an_email_that_a_handler_names_is_there_whole_and_can_be_written(folder: Path) -> None:
    (folder / "emails" / "lost.html").unlink()
    (folder / "emails" / "lost.txt").write_text("The reader\n{{ device }")
    (folder / "handlers.py").write_text("step.notify('lots', [])\n")
    assert said(lost_reader(folder)) == [
        "lost_reader/emails: lost: the e-mail text lost_reader/emails/lost.html is missing",
        "lost_reader/emails: lost: the e-mail text lost_reader/emails/lost.txt has a mistake in line 2: unexpected '}'",
        *(f"lost_reader/handlers.py: lots: the e-mail text lost_reader/emails/lots.{part} is missing"
          for part in ("subject.txt", "txt", "html")),
    ]  # fmt: skip


def test_two_processes_do_not_number_their_cases_alike(folder: Path) -> None:
    review = next(process for process in processes.ALL if process.id == "error_review")
    assert said(lost_reader(folder, prefix="ER"), review) == [
        "lost_reader: prefix: cases of error_review are numbered ER too"
    ]
