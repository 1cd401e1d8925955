"""How the record keeps what is personal: as a keyed hash, so that it can be recognised and says nothing by itself.

What an address was and what it became can be proved with the address in hand; the record never has to be changed
because somebody's data are deleted.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from workflow_app.cases.installation import here


def mark(value: str) -> str:
    """The keyed hash of a name or address, whatever its capitals (HMAC-SHA-256, 32 hex digits); '' of nothing."""
    plain = value.strip().casefold()
    key = b"alpr-casework personal\0" + here().settings.plate_key.encode()
    return hmac.new(key, plain.encode(), sha256).hexdigest()[:32] if plain else ""


def marks(values: Mapping[str, str | None]) -> dict[str, str]:
    """Several, by name."""
    return {name: mark(value or "") for name, value in values.items()}
