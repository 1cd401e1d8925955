"""The mail catcher: takes e-mails as SendGrid's v3 API does, shows them, and reports their delivery.

    python -m workflow_app.local.catcher DATA_FOLDER SOCKET

serves the catcher of a data folder on an open socket handed over by its number.
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from workflow_app.local.catcher_app import create_catcher
from workflow_app.local.delivery import Hook, Reporter, signing_key
from workflow_app.local.environment import kept_secrets, read_env
from workflow_app.local.letters import Letters


class Catcher:
    """A catcher that serves on 127.0.0.1 from a thread of its own, until closed.

    Without `path` it remembers nothing; with `hook` it reports deliveries there. Port 0 takes a free one.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        hook: Hook | None = None,
        api_key: str = "",
        port: int = 0,
        socket: int | None = None,
    ) -> None:
        self.letters = Letters(path)
        self._reporter = Reporter(self.letters, hook) if hook else None
        app = create_catcher(self.letters, self._reporter.wake if self._reporter else lambda: None, api_key)
        self._server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=socket)
        self.url = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="catcher", daemon=True)
        self._thread.start()

    def messages(self, to: str = "") -> list[dict[str, Any]]:
        """What `GET /messages` answers, without the detour."""
        return [letter.as_json() for letter in self.letters.newest(to)]

    def wait(self) -> None:
        """Serve until the process is told to end."""
        self._thread.join()

    def close(self) -> None:
        """Stop serving and reporting."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._reporter:
            self._reporter.close()
        self.letters.close()

    def __enter__(self) -> Catcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """One line a request says nothing here; errors are still logged."""


def main(folder: Path, socket: int) -> None:
    """Serve the catcher of this data folder for as long as the process lives."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    kept, settings = kept_secrets(folder), read_env(folder / "env")
    hook = Hook(url=f"{settings['ALPR_URL']}/hooks/sendgrid", key=signing_key(kept["event_private_key"]))
    Catcher(folder / "mail.sqlite3", hook=hook, api_key=kept["sendgrid_api_key"], socket=socket).wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
