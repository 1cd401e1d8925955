"""Where a request comes from, as the record keeps it: the same place looks the same, and no address is stored."""

from __future__ import annotations

import hmac
import ipaddress
from hashlib import sha256

from flask import request

from workflow_app.cases.installation import here


def place() -> str:
    """A keyed hash of the caller's address; it says whether two acts came from one place, and not where that is."""
    key = b"alpr-casework place\0" + here().settings.secret_key.encode()
    return hmac.new(key, caller().encode(), sha256).hexdigest()[:16]


def caller() -> str:
    """Who is calling, to be counted: the network address, of IPv6 the network, which one caller has to itself.

    It is the address of the connection, or what the agency's own proxies say it is (ALPR_PROXIES).
    """
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
