"""The certificate's text, in versions that ship with the program and are never changed once asked for (R15)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType

from workflow_app.errors import NotFound

NEWEST = 1
"""The version that agencies are asked to sign now."""

NEEDED = ("authority", "scope", "deletion", "onward_use", "prohibited", "security", "audit", "breach", "law")
"""What every version has to say, whatever its words."""


@dataclass(frozen=True, kw_only=True)
class CertificateText:
    """One version: title and text of each statement by its key, and the hash of the file (SHA-256, hex)."""

    version: int
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    sha256: str


@cache
def of_version(version: int) -> CertificateText:
    """A version of the text. Raises NotFound."""
    file = files("workflow_app.registers").joinpath(f"certificate_text_{version}.toml")
    if not file.is_file():
        raise NotFound("There is no such version of the certificate.")
    source = file.read_bytes()
    items = tomllib.loads(source.decode())["items"]
    return CertificateText(
        version=version,
        titles=MappingProxyType({item["key"]: item["title"] for item in items}),
        texts=MappingProxyType({item["key"]: item["text"] for item in items}),
        sha256=sha256(source).hexdigest(),
    )
