"""What a seal says, how it is signed, and how it is written down for people outside."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Line = tuple[str, int, str]
"""A chain in a seal: its mark, how many entries it has, the hash of the last."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a seal says.

    `previous` is the hash of the seal before, `streams` and `entries` are the whole record's numbers, `changed` is
    how many chains have grown, `digest` covers their lines.
    """

    number: int
    at: datetime
    previous: str
    upto: int
    streams: int
    entries: int
    changed: int
    digest: str

    @property
    def canonical(self) -> bytes:
        """The bytes that are hashed and signed: JSON, names sorted, without blanks."""
        content = asdict(self) | {"at": self.at.astimezone(UTC).isoformat(timespec="microseconds")}
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.canonical).hexdigest()


class SealKeys:
    """The secrets that seals are signed with: the first signs, the others did so before."""

    def __init__(self, secrets: str) -> None:
        self._secrets = secrets.split()
        self._private = [Ed25519PrivateKey.from_private_bytes(_derived(b"seals", secret)) for secret in self._secrets]
        self.known = [key.public_key().public_bytes_raw().hex() for key in self._private]

    @property
    def public(self) -> str:
        """The public half of the key that signs now, in hex."""
        return self.known[0]

    def sign(self, said: Statement) -> str:
        """The Ed25519 signature over a statement, in hex."""
        return self._private[0].sign(said.canonical).hex()

    def signed(self, said: Statement, key: str, signature: str) -> bool:
        """Whether one of our keys, this one, has signed the statement."""
        if key not in self.known:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), said.canonical)
        except (InvalidSignature, ValueError):
            return False
        return True

    def mark(self, stream: str) -> str:
        """How seals show a chain to outsiders: a keyed hash of its name, the same in every seal of one key."""
        return self.marks(stream)[0]

    def marks(self, stream: str) -> list[str]:
        """The chain's mark under each key."""
        return [
            hmac.new(_derived(b"marks", secret), stream.encode(), hashlib.sha256).hexdigest()[:32]
            for secret in self._secrets
        ]


def digest_of(lines: Iterable[Line]) -> str:
    """SHA-256 over lines ordered by mark, each written `mark seq hash` and ended by a line feed; in hex."""
    found = hashlib.sha256()
    for mark, seq, last in lines:
        found.update(f"{mark} {seq} {last}\n".encode())
    return found.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Document:
    """A seal as it stands outside. Copies in a file have all lines; those in an e-mail have none."""

    said: Statement
    hash: str
    key: str
    signature: str
    lines: list[Line] | None

    def text(self) -> str:
        """The document as JSON, for people and programs."""
        at = self.said.at.astimezone(UTC).isoformat(timespec="microseconds")
        content: dict[str, Any] = {"seal": asdict(self.said) | {"at": at}, "hash": self.hash, "key": self.key}
        content |= {"signature": self.signature}
        if self.lines is None:
            return json.dumps(content, indent=1)
        lines = ",\n  ".join(json.dumps(line) for line in self.lines)
        return json.dumps(content, indent=1)[:-2] + f',\n "lines": [\n  {lines}\n ]\n}}\n'

    @property
    def is_whole(self) -> bool:
        """Whether its hash and digest are those of what it says."""
        return self.hash == self.said.hash and (self.lines is None or digest_of(self.lines) == self.said.digest)


def read(text: str) -> Document:
    """A seal's document, as a copy or as the text of an e-mail has it. Raises ValueError for anything else."""
    try:
        content = json.loads(text[text.index("{") : text.rindex("}") + 1])
        said = content["seal"] | {"at": datetime.fromisoformat(content["seal"]["at"])}
        lines = content.get("lines")
        return Document(
            said=Statement(**said), hash=content["hash"], key=content["key"], signature=content["signature"],
            lines=None if lines is None else [(str(mark), int(seq), str(last)) for mark, seq, last in lines],
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError("this is no seal") from error


def _derived(purpose: bytes, secret: str) -> bytes:
    return hashlib.sha256(b"alpr-casework " + purpose + b"\0" + secret.encode()).digest()
