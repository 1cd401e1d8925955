"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from workflow_app.settings import Settings

ROOT = Path(__file__).parents[2]
SHIPPED = ("workflow_app", "processes", "notifications", "migrations")
LONGEST = 300
ASKING = {"now", "utcnow", "today", "time", "time_ns"}
A_TIME = re.compile(r"\b(\w+)\s+(business |calendar )?(minute|hour|day|week|month|year)s\b", re.IGNORECASE)
NUMBERS = re.compile(r"\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|f\w+teen|twenty|\w+ty", re.IGNORECASE)
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|(^|[\s\"'=:])/(work|root|home/\w+)/", re.MULTILINE
)


def test_modules_import_only_what_lies_below_them(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert outcome == 0, capsys.readouterr().out


def test_every_module_has_its_place_among_the_layers() -> None:
    layers = (ROOT / "pyproject.toml").read_text().split("layers = [")[1].split("]")[0]
    placed = set(re.findall(r"workflow_app\.(\w+)", layers))
    here = {path.stem for path in (ROOT / "workflow_app").glob("*.py")} - {"__init__"}
    here |= {path.parent.name for path in (ROOT / "workflow_app").glob("*/__init__.py")}
    assert placed == here


def test_only_the_stories_of_a_process_reach_for_stage_and_database() -> None:
    reaching = {
        path.relative_to(ROOT).as_posix()
        for path, tree in modules("processes")
        if {"workflow_app.play", "workflow_app.db"} & set(imported(tree))
    }
    assert reaching == set()


def test_no_process_writes_a_time_to_people_that_an_agency_may_have_set_otherwise() -> None:
    written = {
        f"{path.relative_to(ROOT).as_posix()}: {found[0]}"
        for path in (ROOT / "processes").glob("*/emails/*.txt")
        for found in A_TIME.finditer(path.read_text())
        if NUMBERS.fullmatch(found[1])
    }
    assert written == set(), "say by when, or pass what the profile says"


def test_only_the_engine_imports_spiffworkflow() -> None:
    importers = {
        path.parent for path, tree in modules() for name in imported(tree) if name.split(".")[0] == "SpiffWorkflow"
    }
    assert importers == {ROOT / "workflow_app" / "engine"}


def test_only_the_unit_of_work_commits() -> None:
    committing = {
        path.relative_to(ROOT).as_posix()
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert committing == {"workflow_app/db.py"}


def test_only_the_clock_asks_for_the_time() -> None:
    clocks = {f"{place}.{name}" for place in ("datetime", "datetime.datetime", "date", "time") for name in ASKING}
    asking = {
        path.relative_to(ROOT).as_posix()
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in clocks
    }
    # SpiffWorkflow stamps its tasks itself; the engine's repairs repeat its line as it stands there.
    assert asking - {"workflow_app/engine/repairs.py"} == {"workflow_app/clock.py"}


def test_only_the_settings_and_the_local_launcher_read_the_environment() -> None:
    reading = {
        path.relative_to(ROOT).as_posix()
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
    }
    assert {name for name in reading if not name.startswith("workflow_app/local/")} == {"workflow_app/settings.py"}


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    long = {
        name: lines
        for name in tracked(".py", ".css", ".js", ".html", ".jinja")
        if (lines := len((ROOT / name).read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_every_setting_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", settings_table(), re.MULTILINE)
    bare = {"database_url", "redis_url", "sendgrid_api_key", "sendgrid_host"}
    known = [item.name.upper() if item.name in bare else f"ALPR_{item.name.upper()}" for item in fields(Settings)]
    assert documented == known


def test_documented_defaults_are_the_real_ones() -> None:
    rows = re.findall(r"^\| `(?:ALPR_)?(\w+)` \| ([^|]*) \|", settings_table(), re.MULTILINE)
    for name, default in rows:
        value = getattr(Settings(), name.lower())
        shown = int(value) if isinstance(value, bool) else value
        assert default == ("empty" if shown == "" else f"`{shown}`"), name


def test_no_text_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    found = {}
    for name in tracked():
        if name == Path(__file__).relative_to(ROOT).as_posix():
            continue
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if match := REGISTRIES.search(text):
            found[name] = match.group()
    assert found == {}


def settings_table() -> str:
    """The part of the documentation that has the table of settings; other tables name other things."""
    return (ROOT / "docs" / "operations.md").read_text().split("\n## Settings\n")[1].split("\n## ")[0]


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every module that is shipped, parsed; the stories of processes are none."""
    for folder in folders or SHIPPED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.name.startswith("test_"):
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def tracked(*endings: str) -> list[str]:
    """Files under version control that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in names if not endings or name.endswith(endings)]
