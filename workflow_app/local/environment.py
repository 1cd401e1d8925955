"""What a local service is set up with: secrets made once and kept, and the settings every part of it reads."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

_RANDOM = ("secret_key", "link_key", "plate_key", "file_key", "seal_key", "receipt_key", "reporter_key")


def kept_secrets(folder: Path) -> dict[str, str]:
    """The secrets of this data folder; the first call makes them, and one after an upgrade those that are new."""
    path = folder / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if missing := [name for name in _RANDOM if name not in kept]:
        made = {name: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() for name in missing}
        if not kept:
            made["sendgrid_api_key"] = f"SG.local-{secrets.token_urlsafe(24)}"
            made |= _event_keys()
        kept |= made
        write_private(path, json.dumps(kept, indent=2))
    return kept


def settings_for(folder: Path, url: str, mail_url: str, redis_url: str, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of the service in this folder; a database or Redis that is `given` wins over the embedded ones.

    A profile that is given is named in full, since every part runs in a folder of its own.
    """
    kept = kept_secrets(folder)
    profile = given.get("ALPR_PROFILE", "")
    return {
        "DATABASE_URL": given.get("DATABASE_URL") or f"sqlite:///{folder / 'alpr.sqlite3'}",
        "REDIS_URL": given.get("REDIS_URL") or redis_url,
        "ALPR_URL": url,
        "ALPR_MAIL_URL": mail_url,
        "SENDGRID_HOST": mail_url,
        "SENDGRID_API_KEY": kept["sendgrid_api_key"],
        "ALPR_SECRET_KEY": kept["secret_key"],
        "ALPR_LINK_KEY": kept["link_key"],
        "ALPR_PLATE_KEY": kept["plate_key"],
        "ALPR_FILE_KEY": kept["file_key"],
        "ALPR_SEAL_KEY": kept["seal_key"],
        "ALPR_RECEIPT_KEY": kept["receipt_key"],
        "ALPR_REPORTER_KEY": kept["reporter_key"],
        "ALPR_SENDGRID_EVENT_KEY": kept["event_public_key"],
        "ALPR_DEVELOPMENT": "1",
        "ALPR_TOKEN_DECISIONS": "1",
        "ALPR_UPLOAD_DIR": str(folder / "uploads"),
        "ALPR_SEAL_DIR": str(folder / "seals"),
        **({"ALPR_PROFILE": str(Path(profile).resolve()) if Path(profile).is_file() else profile} if profile else {}),
    }


def write_env(path: Path, settings: Mapping[str, str]) -> None:
    """One `NAME=value` a line, as a shell reads it, readable by its owner alone."""
    write_private(path, "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items()))


def read_env(path: Path) -> dict[str, str]:
    """What `write_env` wrote."""
    lines = path.read_text(encoding="utf-8").splitlines()
    parts = (line.partition("=") for line in lines)
    return {name: "".join(shlex.split(value)) for name, equals, value in parts if equals}


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _event_keys() -> dict[str, str]:
    """The key pair of the mail catcher, which signs its delivery events as the provider does."""
    from cryptography.hazmat.primitives.asymmetric import ec  # slow to load, and wanted once in a folder's life
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from notifications.events import public_key_text

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {"event_private_key": pem, "event_public_key": public_key_text(key)}
