#!/usr/bin/env python3
"""One door for working with this project; needs nothing but Python 3.11 or newer.

    python3 dev.py up [--port N] [--data DIR] [--empty]   the whole service, on stores of its own
    python3 dev.py test [pytest arguments]                every test
    python3 dev.py check                                  format, lint, types, import contracts, models
    python3 dev.py bench [NAME]                           benchmarks, one JSON line a figure
    python3 dev.py lock                                   new versions into requirements/*.txt (needs uv)

Each command first makes `.venv` from the hashed lock, once, and then runs inside it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
NAMES = ("up", "test", "check", "bench", "lock")
PATH_FILE = "alpr_casework.pth"
ALPR = """#!/bin/sh
'''exec' "$(dirname "$0")/python" "$0" "$@"
' '''
from workflow_app.local.alpr import main
main()
"""
INSTALL = ("install", "--no-deps", "--quiet", "--require-hashes")
"""The lock names everything, so that nothing has to be resolved again."""
PIP = (*INSTALL, "--retries", "2", "--no-compile")
"""What is used is compiled when it is first used, which takes less long than compiling everything."""
OFFLINE = ("name resolution", "dns error", "connection", "connect error", "timed out", "error sending request")


def main(arguments: list[str]) -> None:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if command in ("-h", "--help", "help"):
        return print((__doc__ or "").strip())
    if command not in NAMES:
        fail(f"There is no command {command!r}; there are {', '.join(NAMES)}.", code=2)
    if command == "lock":
        return lock()
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Compiling everything anew costs each of many processes seconds: kept here, where nobody's source lies.
        os.environ["PYTHONPYCACHEPREFIX"] = str(VENV / "bytecode")
    try:
        make_venv("run" if command == "up" else "test")
    except OSError as error:
        fail(f"The folder {VENV} cannot be written ({error.strerror}); put the project where you may write.")
    if command == "up":
        run("-P", "-m", "workflow_app.local.service", *rest)  # where you are: DIR is meant from here
    os.chdir(HERE)
    if command == "test":
        run("-m", "pytest", "-n", "2", *rest)
    if command == "bench":
        run("-m", "benchmarks", *rest)
    return check()


def make_venv(lock_name: str) -> None:
    """Install the lock into `.venv` unless its stamp says that exactly this was done before."""
    import fcntl  # not on Windows, where main() has said so already

    with Path(__file__).open() as this_file:
        fcntl.flock(this_file, fcntl.LOCK_EX)  # two commands at once on a fresh checkout: one installs
        wanted = {name: sha(f"requirements/{name}.txt") for name in ("run", "test")[: 1 if lock_name == "run" else 2]}
        stamps = {name: VENV / f"{name}.stamp" for name in wanted}
        if (
            PYTHON.exists()
            and not moved()
            and all(stamps[n].exists() and stamps[n].read_text() == wanted[n] for n in wanted)
        ):
            return
        print(f"Installing requirements/{lock_name}.txt into .venv (once; some 15 seconds) ...", flush=True)
        uv = shutil.which("uv")
        if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode:
            uv = None  # a version manager's placeholder without a uv behind it
        if not PYTHON.exists() or moved():
            create(uv)
        install(f"requirements/{lock_name}.txt", uv)
        for site_packages in VENV.glob("lib/python3*/site-packages"):
            (site_packages / PATH_FILE).write_text(f"{HERE}\n", encoding="utf-8")
        script = VENV / "bin" / "alpr"
        script.write_text(ALPR, encoding="utf-8")
        script.chmod(0o755)
        for name, stamp in stamps.items():
            stamp.write_text(wanted[name], encoding="utf-8")


def moved() -> bool:
    """Whether the project stood elsewhere when `.venv` was made: what it holds still points there."""
    return any(found.read_text().strip() != str(HERE) for found in VENV.glob(f"lib/python3*/site-packages/{PATH_FILE}"))


def create(uv: str | None) -> None:
    if not os.access(HERE, os.W_OK):
        fail(f"The folder {HERE} cannot be written; put the project where you may write.")
    if uv:
        return step([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)])
    if not importlib.util.find_spec("venv") or not (outer_pip() or importlib.util.find_spec("ensurepip")):
        fail("This Python has neither venv nor pip; on Debian and Ubuntu: apt-get install python3-venv.")
    return step([sys.executable, "-m", "venv", "--clear", *(["--without-pip"] if outer_pip() else []), str(VENV)])


def install(lock: str, uv: str | None) -> None:
    """Everything that a lock names; by pip in two halves at once, since it does one thing after the other."""
    if uv:
        step([uv, "pip", *INSTALL, "--python", str(PYTHON), "-r", lock])
        return
    pinned = re.split(r"\n(?=\S)", (HERE / lock).read_text(encoding="utf-8"))  # each with its hashes below it
    with tempfile.TemporaryDirectory() as folder:
        halves = [Path(folder, f"{start}.txt") for start in (0, 1)]
        for start, half in enumerate(halves):
            half.write_text("\n".join([*pinned[start::2], ""]), encoding="utf-8")
        step(*([*installer(), *PIP, "-r", str(half)] for half in halves))


def installer() -> list[str]:
    """This Python's pip, which spares some seconds for one in the environment; else the environment's own."""
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)] if outer_pip() else [str(PYTHON), "-m", "pip"]


def outer_pip() -> bool:
    """Whether this Python has a pip that can install into another's environment (22.3 and newer)."""
    if not importlib.util.find_spec("pip"):
        return False
    return [int(number) for number in re.findall(r"\d+", importlib.metadata.version("pip"))[:2]] >= [22, 3]


def step(*commands: list[str]) -> None:
    """Run commands of the installation at once; their output matters only when one fails."""
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=HERE)
        for command in commands
    ]
    said = [running.communicate()[0] for running in started]
    failed = [output for output, running in zip(said, started, strict=True) if running.returncode]
    if not failed:
        return
    if any(word in failed[0].lower() for word in OFFLINE):
        fail("The package registry cannot be reached; connect this machine (or set its proxy) and run this again.")
    lines = [line for line in failed[0].splitlines() if "error" in line.lower()] or failed[0].splitlines() or ["?"]
    fail(f"The installation failed: {lines[0].strip()} - remove .venv and run this again.")


def check() -> None:
    """Run every check, also after one has failed; the exit status tells whether all passed."""
    commands = {
        "format": ["ruff", "format", "--check"],
        "lint": ["ruff", "check"],
        "types": ["mypy", "--strict"],
        "imports": ["lint-imports"],
        "schema": ["alpr", "db", "upgrade"],
        "models": ["alpr", "check"],
    }
    failed = []
    with tempfile.TemporaryDirectory() as empty:  # a database of its own: what is checked is this checkout
        environment = {**os.environ, "ALPR_DEVELOPMENT": "1", "DATABASE_URL": f"sqlite:///{empty}/check.sqlite3"}
        environment.pop("ALPR_DATABASE_URL", None)
        for name, (program, *options) in commands.items():
            print(f"--- {name}", flush=True)
            if subprocess.run([VENV / "bin" / program, *options], env=environment, cwd=HERE, check=False).returncode:
                failed.append(name)
    if failed:
        fail(f"Not passed: {', '.join(failed)}.")
    print("All checks passed.")


def lock() -> None:
    """Resolve the newest allowed versions, for every supported platform, naming no registry."""
    uv = shutil.which("uv") or fail("This needs uv (https://docs.astral.sh/uv/) on the PATH.")
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header"]
    for name, extra in (("run", []), ("test", ["--constraint", "requirements/run.txt"])):
        source, target = f"requirements/{name}.in", f"requirements/{name}.txt"
        step([uv, "pip", "compile", source, "--upgrade", *options, "--no-annotate", *extra, "--output-file", target])
        print(f"{target} is up to date.")


def run(*arguments: str) -> None:
    """Become this command, inside the environment."""
    sys.stdout.flush()
    os.execv(PYTHON, [str(PYTHON), *arguments])


def sha(path: str) -> str:
    return hashlib.sha256((HERE / path).read_bytes()).hexdigest()


def fail(sentence: str, code: int = 1) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  # an older one gets this far
        newer = next(filter(shutil.which, ("python3.14", "python3.13", "python3.12", "python3.11")), "python3.12")
        fail(f"This needs Python 3.11 or newer and was started with {sys.version.split()[0]}; try: {newer} dev.py")
    if os.name != "posix":
        fail("This needs Linux or macOS; on Windows use WSL.")
    main(sys.argv[1:])
