"""Where a request comes from, as the record keeps it: the same place looks the same, and no address is stored."""

from __future__ import annotations

import hmac
from hashlib import sha256

from flask import request

from workflow_app.cases.installation import here


def place() -> str:
    """A keyed hash of the caller's address; it says whether two acts came from one place, and not where that is."""
    key = b"alpr-casework place\0" + here().settings.secret_key.encode()
    return hmac.new(key, (request.remote_addr or "").encode(), sha256).hexdigest()[:16]
