"""A mail provider with bad days: our catcher's own endpoint, behind faults that come at random.

It counts what it has accepted by address, and reports deliveries in signed events as the real one does.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import WSGIRequestHandler, make_server

from workflow_app.local.catcher_app import create_catcher
from workflow_app.local.delivery import Hook, Reporter
from workflow_app.local.letters import Letters

TOO_MANY, BROKEN, LATE = 0.03, 0.03, 0.02
"""Shares of requests that are told to come back, that fail, and that are accepted without an answer in time."""
SILENCE = 12.0
"""Seconds until a late answer: longer than the client waits."""

LAG = (1.0, 12.0)
"""Seconds until events of what was accepted are reported: sometimes after the client has given up waiting."""

_Start = Callable[..., Any]


class Provider:
    """Serves on 127.0.0.1 until closed; `accepted` hears address and text of each mail taken."""

    def __init__(self, hook_url: str, key: ec.EllipticCurvePrivateKey, accepted: Callable[[str, str], None]) -> None:
        self.received: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self._accepted = accepted
        self._lock = threading.Lock()
        self._chance = random.Random(20931)
        self._letters = Letters()
        self._reporter = Reporter(self._letters, _Lagging(url=hook_url, key=key))
        self._catcher = create_catcher(self._letters, self._reporter.wake)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self.url = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop serving and reporting."""
        self._server.shutdown()
        self._server.server_close()
        self._reporter.close()
        self._letters.close()

    def has_told_all(self) -> bool:
        """Whether the service has taken the events of everything that was accepted."""
        return not self._letters.unreported()

    def _answer(self, environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        fault = self._fault()
        if fault in {"429", "500"}:
            status = "429 Too Many Requests" if fault == "429" else "500 Internal Server Error"
            start(status, [("Retry-After", "1"), ("Content-Length", "0")] if fault == "429" else [])
            return []
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        taken = self._catcher.wsgi_app(environ | {"wsgi.input": BytesIO(raw)}, self._noting(raw, start))
        if fault == "late":
            time.sleep(SILENCE)
        return taken

    def _noting(self, raw: bytes, start: _Start) -> _Start:
        """`start`, which notes the mail first when it was accepted."""

        def noted(status: str, *more: Any) -> Any:
            if status.startswith("202"):
                mail = json.loads(raw)
                address = mail["personalizations"][0]["to"][0]["email"]
                with self._lock:
                    self.received[address] += 1
                self._accepted(address, mail["content"][0]["value"])
            return start(status, *more)

        return noted

    def _fault(self) -> str:
        with self._lock:
            drawn = self._chance.random()
            shares = (("429", TOO_MANY), ("500", TOO_MANY + BROKEN), ("late", TOO_MANY + BROKEN + LATE))
            fault = next((name for name, below in shares if drawn < below), "")
            self.faults[fault] += bool(fault)
        return fault


class _Lagging(Hook):
    """Events that come some seconds after what they tell of."""

    def post(self, events: list[dict[str, Any]]) -> None:
        """Wait, then report."""
        time.sleep(random.uniform(*LAG))
        super().post(events)


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are counted, not logged."""
