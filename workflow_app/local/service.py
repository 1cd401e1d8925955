"""The whole service on this machine: stores, migrations, demo agency, mail catcher, web, worker, ticker.

    python -m workflow_app.local.service [--port N] [--data DIR] [--empty]

Ends with everything it started on Ctrl-C and on SIGTERM. Killed, it leaves that to its guard.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import socket
from types import FrameType
from urllib.parse import urlsplit

from workflow_app.errors import Unusable
from workflow_app.local.children import ENDING, Children, undisturbed
from workflow_app.local.contents import fill, is_new
from workflow_app.local.environment import settings_for, write_env
from workflow_app.local.guard import clean_up, start_guard
from workflow_app.local.holding import hold_folder, listen, listen_near, open_folder, port_of
from workflow_app.local.stores import redis_url_at, socket_folder, valkey_command, wait_for_redis

_PROJECT = Path(__file__).resolve().parents[2]
_MAIL_PORT_OFFSET = 25
_SECONDS_TO_ANSWER = 60.0
_PYTHON = [sys.executable, "-P", "-m"]
_WELCOME = """
ALPR Casework is running.

  Service   {url}
  E-mail    {mail_url}  (every message it sends)
  Data      {folder}  (settings for `alpr` in env, logs in logs/)

{sign_in}

Stop with Ctrl-C. The next start continues with the same data.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop; the exit status is 0 then, and 1 with one sentence when it cannot run."""
    wanted = _parse(arguments)
    os.umask(0o077)  # nothing in the data folder is for anybody else
    for number in ENDING:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup asks us to stay
            signal.signal(number, _end)
    try:
        run(wanted.data.expanduser().resolve(), wanted.port, empty=wanted.empty)
    except Unusable as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


def run(folder: Path, port: int, *, empty: bool) -> None:
    """Hold the folder and the addresses, start everything, and watch over it."""
    open_folder(folder)
    with hold_folder(folder):
        state = folder / "running.json"
        clean_up(state)  # where not even a guard was left to do it
        with listen(port) as web, listen_near(_mail_port(port_of(web))) as mail:
            _serve(folder, state, web, mail, empty=empty)


def _serve(folder: Path, state: Path, web: socket, mail: socket, *, empty: bool) -> None:
    sockets = socket_folder()
    children = Children(state=state, logs=folder / "logs", folders=[sockets])
    with undisturbed():
        guard = start_guard(folder / "lock", state)
    try:
        _start(children, folder, sockets, web, mail, empty=empty)
        while True:
            for sentence in children.poll():
                print(sentence, flush=True)
            time.sleep(0.2)
    finally:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)  # already on its way
        children.stop()
        shutil.rmtree(sockets, ignore_errors=True)
        guard.kill()
        guard.wait()


def _start(children: Children, folder: Path, sockets: Path, web: socket, mail: socket, *, empty: bool) -> None:
    url, mail_url = (f"http://127.0.0.1:{port_of(opened)}" for opened in (web, mail))
    settings = settings_for(folder, url, mail_url, redis_url_at(sockets), os.environ)
    _enter(folder, settings)
    first = is_new(folder)
    if settings["REDIS_URL"] == redis_url_at(sockets):
        children.start("valkey", valkey_command(folder / "valkey", sockets), is_store=True)
    sign_in = fill(folder, settings["DATABASE_URL"], empty=empty)
    # A page is what somebody waits for: it comes first, and what works in the background when it is there.
    children.start("web", [*_PYTHON, *_gunicorn(web.fileno())], sockets=[web.fileno()])
    catcher = [*_PYTHON, "workflow_app.local.catcher", str(folder), str(mail.fileno())]
    children.start("mail", catcher, sockets=[mail.fileno()])
    wait_for_redis(settings["REDIS_URL"])  # has long answered by the time the page does
    _wait_until_they_answer(children, f"{url}/healthz", f"{mail_url}/static/mail.css")
    children.start("worker", [*_PYTHON, "workflow_app.cli", "worker"])
    children.start("ticker", [*_PYTHON, "workflow_app.cli", "ticker"])
    if first:
        _wait_until_they_answer(children, f"{url}/readyz")
    print(_WELCOME.format(url=url, mail_url=mail_url, folder=folder, sign_in=sign_in), flush=True)


def _enter(folder: Path, settings: dict[str, str]) -> None:
    """Make these the settings of this process and of all it starts."""
    write_env(folder / "env", settings)
    os.environ.update(settings)
    # Every part finds the packages where this one did, and reaches the others directly.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH"))))
    os.environ["no_proxy"] = ",".join(filter(None, (os.environ.get("no_proxy"), "127.0.0.1")))
    os.chdir(folder)


_LOG = ("--logger-class", "workflow_app.web.access_log.Logger")


def _gunicorn(socket_number: int) -> list[str]:
    workers = ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--graceful-timeout", "5"]
    address = ["--bind", f"fd://{socket_number}", "--no-control-socket", "--preload", *_LOG]
    return ["gunicorn", *address, *workers, "workflow_app.app:wsgi()"]


def _wait_until_they_answer(children: Children, *addresses: str) -> None:
    deadline = time.monotonic() + _SECONDS_TO_ANSWER
    for address in addresses:
        while not _answers(address):
            children.refuse_the_fallen()
            if time.monotonic() > deadline:
                raise Unusable(f"{address} did not answer within {_SECONDS_TO_ANSWER:.0f} seconds; see logs/.")
            time.sleep(0.05)


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=1)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _mail_port(web_port: int) -> int:
    near = web_port + _MAIL_PORT_OFFSET
    return near if near < 2**16 else web_port - _MAIL_PORT_OFFSET


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _folder(name: str) -> Path:
    if not name.strip():  # an empty variable of a script would be taken for the folder one stands in
        raise argparse.ArgumentTypeError("the name of the folder is empty")
    return Path(name)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py up", description="The whole service on this machine.")
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="where the service answers (8000)")
    parser.add_argument(
        "--data", type=_folder, default=_PROJECT / "data", metavar="DIR", help="where it keeps its data"
    )
    parser.add_argument("--empty", action="store_true", help="without the demo agency")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
