"""What an e-mail address must look like here: what the outbox can put on an envelope, and nothing more.

An address that is taken now and refused when the message is written would stop a case much later.
"""

from __future__ import annotations

import re

_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"(?=[^@]{{1,64}}@){_ATEXT}(?:\.{_ATEXT})*@(?:{_LABEL}\.)+{_LABEL}")


def is_mailbox(text: str) -> bool:
    """Whether this is one plain address of at most 254 characters; an international domain in its xn-- form."""
    return len(text) <= 254 and _MAILBOX.fullmatch(text) is not None
