"""Small real servers on 127.0.0.1 that misbehave on request: one speaks POST /v3/mail/send, one speaks SMTP."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SILENCE = "silence"  # takes the mail and never answers
CUT = "cut"  # takes the mail and drops the connection


@dataclass
class Provider:
    """What a server has accepted, and what it is told to answer next; without a script it accepts."""

    port: int = 0
    script: list[Any] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next_answer(self) -> Any:
        return self.script.pop(0) if self.script else None


@contextmanager
def sendgrid_server() -> Iterator[Provider]:
    """Answers 202, or the script: a status, a (status, headers) pair, SILENCE or CUT."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = provider.next_answer()
            if self.path != "/v3/mail/send" or not self.headers["Authorization"].startswith("Bearer "):
                answer = 404
            if answer in (None, SILENCE, CUT):
                provider.accepted.append(json.loads(body))
            if answer == SILENCE:
                provider.closing.wait()
            if answer in (SILENCE, CUT):
                self.close_connection = True
                return
            status, headers = answer if isinstance(answer, tuple) else (answer or 202, {})
            if "Date" in headers:
                self.send_response_only(status)
            else:
                self.send_response(status)
            for name, value in {"X-Message-Id": f"sg-{len(provider.accepted)}", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler), provider):
        yield provider


@contextmanager
def smtp_server() -> Iterator[Provider]:
    """Accepts, or the script: a pair (command, answer line) met once, SILENCE or CUT after the message."""
    provider = Provider()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), partial(_SmtpSession, provider))
    with _serving(server, provider):
        yield provider


class _SmtpSession(socketserver.StreamRequestHandler):
    def __init__(self, provider: Provider, *request: Any) -> None:
        self.provider = provider
        self.envelope: dict[str, Any] = {}
        super().__init__(*request)

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            if not self.answer(line.split(":")[0].upper(), line):
                return

    def answer(self, verb: str, line: str) -> bool:
        """Answer one command; False ends the session."""
        script = self.provider.script
        if script and script[0][0] == verb:
            self.say(script.pop(0)[1])
            return True
        if verb == "DATA":
            return self.take_message()
        if verb in ("MAIL FROM", "RCPT TO"):
            self.envelope[verb] = line.partition("<")[2].partition(">")[0]
        self.say("221 bye" if verb == "QUIT" else "250 ok")
        return verb != "QUIT"

    def take_message(self) -> bool:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        self.provider.accepted.append({**self.envelope, "data": b"".join(lines)})
        answer = self.provider.next_answer()
        if answer == SILENCE:
            self.provider.closing.wait()
        if answer is None:
            self.say("250 queued")
        return answer is None

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def _serving(server: socketserver.TCPServer, provider: Provider) -> Iterator[None]:
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        provider.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
