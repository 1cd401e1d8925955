"""The web server's own logs do not hold what could be used."""

import subprocess
import sys
import textwrap

import pytest

from workflow_app.web.access_log import masked

TOKEN = "p4fi2dcwqqf7dp3ec2i2arcpxyAoPoloWWHzUgvxBTlw_bHwWuENV90aopVXBXxracYe0"

SERVE = """
    import logging, sys
    from gunicorn.config import Config
    from workflow_app.web.access_log import Logger
    config = Config()
    config.set("accesslog", "-")
    logger = Logger(config)
    logger.setup(config)
    path = "/l/" + sys.argv[1]
    logger.access_log.info('%(r)s "%(f)s" %({cookie}i)s', {
        "r": f"GET {path} HTTP/1.1", "f": f"http://localhost{path}?a=b", "{cookie}i": f"link={sys.argv[1]}"})
    logger.exception("Error handling request %s %s", "GET", path)
    logger.info("GET /inbox")
"""


@pytest.mark.parametrize(
    "line",
    [
        f"GET /l/{TOKEN} HTTP/1.1", f"GET //l/{TOKEN}?x=1 HTTP/1.1", f"GET /l%2F{TOKEN} HTTP/1.1",
        f"GET /password/forgotten/{TOKEN[:30]}.{TOKEN[26:]} HTTP/1.1",
        f"POST /l/{TOKEN}/code HTTP/1.1", f"__Secure-link={TOKEN}", f"POST /l/{TOKEN}?code=1 HTTP/1.1",
        f'"http://agency.example/l/{TOKEN}"', f"link={TOKEN}; Path=/act/{TOKEN[:26]}", f"GET /l/{TOKEN[:-8]} HTTP/1.1",
    ],
)  # fmt: skip
def test_no_token_stands_in_a_line_however_it_got_there(line: str) -> None:
    assert TOKEN[26:40] not in masked(line)
    assert "…" in masked(line)


def test_other_lines_stay_as_they_are() -> None:
    line = '127.0.0.1 "GET /cases/ER-2026-000187?page=2 HTTP/1.1" 200 /static/logo.svg'
    assert masked(line) == line


def test_the_servers_logger_masks_both_of_its_logs() -> None:
    command = [sys.executable, "-c", textwrap.dedent(SERVE), TOKEN]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert TOKEN[26:40] not in ran.stdout + ran.stderr
    assert "GET /l/… HTTP/1.1" in ran.stdout
    assert "Error handling request GET /l/…" in ran.stderr
    assert "GET /inbox" in ran.stderr
