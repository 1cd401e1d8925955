"""The embedded stores and the guard that ends what a killed owner has left."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from tests.stores import Postgres
from workflow_app.errors import Unusable
from workflow_app.local import stores
from workflow_app.local.sessions import members

OWNER = """
import fcntl, pathlib, subprocess, sys
from workflow_app.local.guard import start_guard, write_state
folder = pathlib.Path(sys.argv[1])
lock = (folder / "lock").open("w")
fcntl.flock(lock, fcntl.LOCK_EX)
child = subprocess.Popen([sys.executable, "-c", sys.argv[2]], start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
(folder / "sockets").mkdir()
write_state(folder / "state.json", [child.pid], [folder / "sockets"])
start_guard(folder / "lock", folder / "state.json")
print(child.pid, flush=True)
sys.stdin.read()
"""
PLAIN = "import time; print('up', flush=True); time.sleep(600)"
WITH_A_CHILD_OF_ITS_OWN = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {PLAIN!r}])"


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether it becomes true; looked at every few milliseconds."""
    pause = threading.Event()
    return any(condition() or pause.wait(0.02) for _ in range(int(seconds / 0.02)))


def test_valkey_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    for expected in (None, b"rung"):
        server, url = stores.start_valkey(tmp_path)
        with redis.Redis.from_url(url) as client:
            assert client.get("bell") == expected
            client.set("bell", "rung")
        stores.stop(server, url)
    assert not stores.socket_folder_of(url).exists()


def test_valkey_is_reached_by_its_owner_alone(tmp_path: Path) -> None:
    server, url = stores.start_valkey(tmp_path)
    try:
        with redis.Redis.from_url(url) as client:
            assert client.config_get("port") == {"port": "0"}
        assert stores.socket_folder_of(url).stat().st_mode & 0o077 == 0
    finally:
        stores.stop(server, url)


def test_a_socket_finds_room_where_the_temporary_folder_has_a_long_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))

    folder = stores.socket_folder()

    assert len(str(folder)) < 40
    folder.rmdir()


@pytest.mark.postgres
def test_postgres_answers_on_a_socket_and_on_nothing_else(postgres: Postgres, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        if not os.environ.get("TEST_DATABASE_URL"):
            assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)


@pytest.mark.postgres
def test_a_template_is_built_once_and_copied_often(postgres: Postgres) -> None:
    built: list[str] = []

    def build(url: str) -> None:
        built.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("create table thing as select 7 as number")

    for _ in range(2):
        url = postgres.create(postgres.template(f"template_of_{os.getpid()}", build))
        with psycopg.connect(url) as connection:
            assert connection.execute("select number from thing").fetchone() == (7,)
        postgres.drop(url)
    assert len(built) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_postgres_says_why_it_cannot_start_where_its_user_may_not_pass(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(Unusable, match="cannot reach"):
        stores.start_postgres(closed / "cluster")


@pytest.mark.parametrize("left", [PLAIN, WITH_A_CHILD_OF_ITS_OWN], ids=["a process", "a process and its child"])
def test_what_a_killed_owner_left_is_ended(tmp_path: Path, left: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path), left], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        leader = int(owner.stdout.readline())
        running = members(leader)
        owner.kill()

    assert running
    assert eventually(lambda: not (tmp_path / "state.json").exists())
    assert members(leader) == []
    assert not (tmp_path / "sockets").exists()
