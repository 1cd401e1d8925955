"""Settings, read once from the environment, typed and strict.

Every name stands in docs/operations.md. `NAME_FILE` reads the value of `NAME` from a file, so that a secret
never has to stand in the environment itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from workflow_app.errors import Unusable

DEVELOPMENT_KEY = "development-only"
_KEYS = ("secret_key", "link_key", "plate_key", "file_key", "seal_key", "receipt_key", "reporter_key")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this installation is set up. All durations are seconds, all sizes bytes."""

    database_url: str = field(default="sqlite:///alpr.sqlite3", repr=False)
    owner_database_url: str = field(default="", repr=False)
    redis_url: str = field(default="", repr=False)
    url: str = "http://127.0.0.1:8000"
    mail_url: str = ""
    secret_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    link_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    plate_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    file_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    seal_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    receipt_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    reporter_key: str = field(default=DEVELOPMENT_KEY, repr=False)
    profile: str = "default"
    development: bool = False
    token_decisions: bool = False
    second_factor: bool = False
    upload_dir: Path = Path("uploads")
    upload_max_bytes: int = 20 * 1024 * 1024
    upload_case_bytes: int = 200 * 1024 * 1024
    upload_day_bytes: int = 500 * 1024 * 1024
    scanner: str = ""
    seal_dir: Path = Path("seals")
    seal_every: int = 3600
    mail_sender: str = "sendgrid"
    mail_from: str = "alpr-casework@agency.example"
    mail_folder: Path = Path("mail")
    mail_per_minute: int = 6000
    mail_workers: int = 3
    sendgrid_api_key: str = field(default="", repr=False)
    sendgrid_host: str = "https://api.sendgrid.com"
    sendgrid_event_key: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    proxies: int = 0

    def checked(self) -> Settings:
        """Refuse an installation that would run in production with keys everybody knows, or half set up."""
        weak = [
            name
            for name in _KEYS
            if getattr(self, name) == DEVELOPMENT_KEY or min(map(len, getattr(self, name).split()), default=0) < 32
        ]
        if weak and not self.development:
            names = ", ".join(f"ALPR_{name.upper()}" for name in weak)
            raise Unusable(f"{names} must each be a secret of at least 32 characters.")
        if not self.development and (fault := next(self._unfit(), None)):
            raise Unusable(fault)
        return self

    def _unfit(self) -> Iterator[str]:
        """What would give secrets away, or leave e-mail unsent or unheard of, in production."""
        if not self.url.startswith("https://"):
            yield "ALPR_URL must begin with https:// - links in e-mails let people act."
        if self.redis_url and not urlsplit(self.redis_url).password:
            yield "REDIS_URL must carry a password; docs/operations.md says how to set up a user for it."
        if self.mail_sender == "sendgrid":
            if not self.sendgrid_host.startswith("https://"):
                yield "SENDGRID_HOST must begin with https://."
            if not self.sendgrid_api_key:
                yield "SENDGRID_API_KEY is missing; no e-mail would leave."
            if not self.sendgrid_event_key:
                yield "ALPR_SENDGRID_EVENT_KEY is missing; nobody would hear of e-mails that do not arrive."
        if self.scanner and urlsplit(self.scanner).scheme not in {"unix", "tcp"}:
            yield "ALPR_SCANNER must read unix:/path or tcp://host:port."
        if self.mail_sender == "smtp" and not self.smtp_host:
            yield "ALPR_SMTP_HOST is missing; no e-mail would leave."


# These are so common that they are read without the prefix as well.
_UNPREFIXED = {"database_url", "redis_url", "sendgrid_api_key", "sendgrid_host"}


_DATABASES = {"sqlite", "postgresql", "postgresql+psycopg"}
_SCHEMES = {
    "DATABASE_URL": _DATABASES,
    "OWNER_DATABASE_URL": _DATABASES,
    "REDIS_URL": {"redis", "rediss", "unix"},
    "URL": {"http", "https"},
    "MAIL_URL": {"http", "https"},
}
_IN_WORDS = {"bool": "1 or 0", "int": "a whole number", "str": "an address of the right kind, such as https://host"}


def from_env(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raises Unusable with one sentence naming the variable that is wrong."""
    values: dict[str, object] = {}
    source = dict(os.environ if environ is None else environ)
    for item in fields(Settings):
        name = _present(source, item.name)
        if name is None:
            continue
        text = _text(source, name)
        try:
            values[item.name] = _parse(name, text, str(item.type))
        except ValueError as error:
            raise Unusable(f"{name} is not {_IN_WORDS[str(item.type)]}.") from error
    return Settings(**values)  # type: ignore[arg-type]  # types were checked while reading


def _present(source: Mapping[str, str], field_name: str) -> str | None:
    """The variable that sets this field, if one does."""
    upper = field_name.upper()
    names = [f"ALPR_{upper}"] + ([upper] if field_name in _UNPREFIXED else [])
    return next((name for name in names if name in source or f"{name}_FILE" in source), None)


def _text(source: Mapping[str, str], name: str) -> str:
    if name in source:
        return source[name]
    path = Path(source[f"{name}_FILE"])
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Unusable(f"{name}_FILE names a file that cannot be read.") from error


def _parse(name: str, text: str, kind: str) -> object:
    if kind == "bool":
        if text not in {"0", "1", "true", "false"}:
            raise ValueError(text)
        return text in {"1", "true"}
    if kind == "int":
        if int(text) < 0:
            raise ValueError(text)
        return int(text)
    if kind == "Path":
        return Path(text)
    if name.endswith("URL") and text:
        scheme, found, _ = text.partition("://")
        if not found or scheme not in _SCHEMES.get(name.removeprefix("ALPR_"), {scheme}):
            raise ValueError(text)
    return text
