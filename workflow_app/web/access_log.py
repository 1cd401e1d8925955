"""The web server's logs, without the secret part of anybody's link."""

from __future__ import annotations

import logging
import re
from typing import Any

from gunicorn import glogging

from workflow_app.web.nameless import is_nameless

_IN_ADDRESS = re.compile(r"(/(?:l|password/forgotten)(?:/|%2f))[^\s?\"'&;#]+", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z2-7]{26}[A-Za-z0-9_-]{43}")


def masked(text: str) -> str:
    """The text without the token of any link, in an address (`/l/…`) or anywhere else, such as a cookie."""
    return _TOKEN.sub("…", _IN_ADDRESS.sub(r"\1…", text))


class _Masking(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), None
        return True


class Logger(glogging.Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's logger, for `--logger-class`: every line of both its logs goes through `masked`."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does, and once more on a reload."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            if not any(isinstance(known, _Masking) for known in log.filters):
                log.addFilter(_Masking())

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Nothing of pages on which nobody is known: a line would say from where and when somebody reported.

        And nothing of what all pages load: such lines beside no page would say it, too.
        """
        path = str(environ.get("PATH_INFO", ""))
        if not (is_nameless(path) or path.startswith("/static/")):
            super().access(resp, req, environ, request_time)
