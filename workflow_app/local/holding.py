"""What a local service holds while it runs: its data folder, and the addresses it listens on."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from pathlib import Path
from typing import TextIO

from workflow_app.errors import Unusable

_DOUBT = 0.5  # seconds for a guard to notice that the owner named in the lock is gone
_PATIENCE = 12.0  # seconds for it to end what was left


def open_folder(folder: Path) -> None:
    """Make the data folder, private to its owner; raises Unusable when it cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "logs").mkdir(exist_ok=True)
        probe = folder / "logs" / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Unusable(
            f"The data folder {folder} cannot be written ({error.strerror}); choose another with --data DIR."
        ) from error


def hold_folder(folder: Path) -> TextIO:
    """Lock the data folder for as long as the returned file is open, or the process lives.

    Raises Unusable when another running service has it. One that died never blocks the next: its guard takes the
    lock, strikes out the name, and lets go as soon as everything left behind has ended.
    """
    lock = (folder / "lock").open("a+")
    start = time.monotonic()
    while not _locked(lock):
        lock.seek(0)
        owner = lock.read().strip()
        if time.monotonic() - start > (_DOUBT if owner else _PATIENCE):
            lock.close()
            raise Unusable(
                f"The data folder {folder} is in use by the running service with process number {owner or 'unknown'};"
                " stop that one, or choose another folder with --data DIR."
            )
        time.sleep(0.05)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def listen(port: int) -> socket.socket:
    """An open address on this machine; 0 takes a free port. Raises Unusable when the port is taken."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        opened.close()
        raise Unusable(
            f"Port {port} cannot be used ({getattr(error, 'strerror', None) or error});"
            f" choose another with --port, such as --port {_free_port()}."
        ) from error
    opened.listen(128)
    return opened


def listen_near(port: int) -> socket.socket:
    """This port where it is free, else any."""
    try:
        return listen(port)
    except Unusable:
        return listen(0)


def port_of(opened: socket.socket) -> int:
    """The port somebody else would connect to."""
    return int(opened.getsockname()[1])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return port_of(probe)
