"""Settings are typed and strict, and a mistake is one sentence that names the variable."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from notifications import public_key_text
from tests.forks import in_a_process
from workflow_app import cli, migrate
from workflow_app.app import create_app
from workflow_app.db import db
from workflow_app.errors import Unusable
from workflow_app.settings import Settings, from_env

_KEYS = ("SECRET", "LINK", "PLATE", "FILE", "SEAL", "RECEIPT", "REPORTER")
KEYS = {f"ALPR_{name}_KEY": name.ljust(32, "x") for name in _KEYS}

PRODUCTION = {
    **KEYS,
    "ALPR_URL": "https://alpr.riverton.example",
    "REDIS_URL": "unix://alpr:secret@/run/redis/redis.sock",
    "SENDGRID_API_KEY": "SG.key",
    "ALPR_SENDGRID_EVENT_KEY": public_key_text(ec.generate_private_key(ec.SECP256R1())),
}


def test_what_is_not_set_has_its_default() -> None:
    assert from_env({}) == Settings()
    assert from_env({"PATH": "/bin", "ALPR_UNKNOWN": "1"}) == Settings()


def test_a_service_in_production_refuses_to_show_its_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(Unusable, match="FLASK_DEBUG"):
        create_app(from_env(PRODUCTION))


def test_settings_that_are_printed_show_no_secret() -> None:
    secret = "0123456789abcdef" * 2
    names = ["ALPR_SMTP_PASSWORD", "ALPR_SENDGRID_API_KEY", *KEYS]
    addresses = {"DATABASE_URL": f"postgresql://a:{secret}@b/c", "REDIS_URL": f"redis://:{secret}@b"}
    assert secret not in repr(from_env(dict.fromkeys(names, secret) | addresses))


def test_values_have_their_types() -> None:
    found = from_env({"ALPR_SMTP_PORT": "25", "ALPR_DEVELOPMENT": "1", "ALPR_UPLOAD_DIR": "files", "REDIS_URL": ""})
    assert (found.smtp_port, found.development, found.upload_dir, found.redis_url) == (25, True, Path("files"), "")
    assert not from_env({"ALPR_DEVELOPMENT": "false"}).development


def test_common_names_are_read_with_and_without_prefix() -> None:
    assert from_env({"DATABASE_URL": "sqlite://"}).database_url == "sqlite://"
    both = {"DATABASE_URL": "sqlite://", "ALPR_DATABASE_URL": "postgresql://ours"}
    assert from_env(both).database_url == "postgresql://ours"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("ALPR_SMTP_PORT", "many", "a whole number"),
        ("ALPR_MAIL_WORKERS", "-1", "a whole number"),
        ("ALPR_DEVELOPMENT", "yes", "1 or 0"),
        ("ALPR_TOKEN_DECISIONS", "", "1 or 0"),
        ("DATABASE_URL", "somewhere", "an address of the right kind, such as https://host"),
        ("REDIS_URL", "http://x", "an address of the right kind, such as https://host"),
        ("ALPR_URL", "127.0.0.1:8000", "an address of the right kind, such as https://host"),
    ],
)
def test_a_wrong_value_is_named_without_being_repeated(name: str, value: str, wanted: str) -> None:
    with pytest.raises(Unusable, match=f"^{name} is not {wanted}.$"):
        from_env({name: value})


def test_a_secret_is_read_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("a secret\n")
    assert from_env({"ALPR_LINK_KEY_FILE": str(file)}).link_key == "a secret"
    with pytest.raises(Unusable, match="ALPR_LINK_KEY_FILE names a file that cannot be read"):
        from_env({"ALPR_LINK_KEY_FILE": str(tmp_path / "nothing")})


def test_known_or_short_keys_are_for_development_only() -> None:
    assert from_env(PRODUCTION).checked()
    for name in KEYS:
        for weak in ("development-only", "short"):
            with pytest.raises(Unusable, match=f"^{name} must each be a secret"):
                from_env(PRODUCTION | {name: weak}).checked()
            assert from_env(PRODUCTION | {name: weak, "ALPR_DEVELOPMENT": "1"}).checked()


def test_what_is_as_it_should_be_starts_in_production() -> None:
    create_app(from_env(PRODUCTION), ring=lambda *_: False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALPR_URL", "http://alpr.riverton.example"),
        ("REDIS_URL", "redis://127.0.0.1:6379/0"),
        ("REDIS_URL", "unix:///run/redis/redis.sock"),
        ("REDIS_URL", "rediss://alpr@redis.riverton.example"),
        ("SENDGRID_HOST", "http://api.sendgrid.com"),
        ("SENDGRID_API_KEY", ""),
        ("ALPR_SENDGRID_EVENT_KEY", ""),
        ("ALPR_SENDGRID_EVENT_KEY", "bm8ga2V5"),
        ("ALPR_MAIL_FROM", "ALPR programme"),
        ("ALPR_MAIL_PER_MINUTE", "0"),
    ],
)
def test_what_would_lose_or_leak_e_mail_does_not_start_in_production(name: str, value: str) -> None:
    with pytest.raises(Unusable, match=f"^{name} "):
        create_app(from_env(PRODUCTION | {name: value}), ring=lambda *_: False)


def test_a_mail_server_without_a_name_does_not_start_in_production() -> None:
    with pytest.raises(Unusable, match="ALPR_SMTP_HOST is missing"):
        from_env(PRODUCTION | {"ALPR_MAIL_SENDER": "smtp"}).checked()
    assert from_env(PRODUCTION | {"ALPR_MAIL_SENDER": "smtp", "ALPR_SMTP_HOST": "mail.example"}).checked()


def test_a_database_file_without_a_folder_is_the_same_for_migrations_and_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    migrate.upgrade("sqlite:///casework.sqlite3")
    app = create_app(Settings(database_url="sqlite:///casework.sqlite3", development=True), ring=lambda *_: False)
    with app.app_context():
        assert migrate.current() == migrate.head()
        db.engine.dispose()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize(
    ("name", "value"), [("ALPR_LINK_KEY", "development-only"), ("FLASK_DEBUG", "1"), ("REDIS_URL", "redis://127.0.0.1")]
)
def test_a_web_server_that_is_not_fit_for_production_says_why_in_one_sentence(name: str, value: str) -> None:
    environment = PRODUCTION | {"DATABASE_URL": "sqlite://", "ALPR_SCANNER": "tcp://127.0.0.1:1", name: value}
    code, said = ended(environment, "serve", "--bind", "127.0.0.1:0")
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith(f"{name} ")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ALPR_PROFILE", "nevada", 'There is no profile "nevada";'),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL is not an address of the right kind"),
        ("DATABASE_URL", "sqlite:////nowhere/x.sqlite3", "The database cannot be used."),
    ],
)
def test_the_command_line_says_a_wrong_setting_in_one_sentence(name: str, value: str, sentence: str) -> None:
    environment = {"ALPR_DEVELOPMENT": "1", "DATABASE_URL": "sqlite://", name: value}
    code, said = ended(environment, "check")
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith(sentence)


def ended(environment: dict[str, str], *arguments: str) -> tuple[object, str]:
    """How `alpr` ends with these arguments in a process and an environment of its own, and what it says of that."""

    def run() -> tuple[object, str]:
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["alpr", *arguments]
        with redirect_stderr(StringIO()) as said, pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, said.getvalue()

    answer: tuple[object, str] = in_a_process(run)[1]
    return answer
