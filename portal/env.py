"""Reads settings from the environment, and keeps the keys that development needs in a private file."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
SCHEMES = frozenset({"postgres", "postgresql"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def text(name: str, default: str = "") -> str:
    """The variable without surrounding blanks; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    word = text(name).lower()
    if not word:
        return default
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {word!r}, but must be one of: true, false. Change it and start again.")


def number(name: str, default: int) -> int:
    word = text(name)
    if not word:
        return default
    try:
        return int(word)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {word!r}, but must be a whole number. Change it and start again.") from error


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def address(name: str, default: str) -> str:
    """`https://host[:port]`, without a path and without a slash at its end."""
    told = text(name, default).rstrip("/")
    parts = urlsplit(told)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(f"{name} must look like https://lockstep.example.com, without a path. Change it and start again.")
    return told


def load(path: Path) -> None:
    """Take over the lines `NAME=value` of an .env file; what the environment already says wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def require(*names: str) -> None:
    """Say in one sentence which variables are missing."""
    missing = [name for name in names if not text(name)]
    if missing:
        raise ImproperlyConfigured(f"Lockstep runs in production and needs {', '.join(missing)}: set them in the environment (see .env.example).")


def kept_key(name: str, *, folder: Path) -> str:
    """The variable, or else a key made once and kept in a file that only its owner may read."""
    given = text(name)
    if given:
        return given
    path = folder / name.lower().removeprefix("lockstep_")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = Fernet.generate_key().decode() if name.endswith("CREDENTIALS_KEY") else secrets.token_urlsafe(64)
        file.write(key)
    return key


def database(url: str) -> dict[str, Any]:
    """Django's words for `postgresql://user:password@host:port/name?option=value`; `host` may be a socket folder in the options."""
    parts = urlsplit(url)
    options = {"connect_timeout": "10", **dict(parse_qsl(parts.query))}
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in SCHEMES or not name:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name. Change it and start again.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


@dataclass(frozen=True)
class Mail:
    """Where mail goes; by default to the terminal."""

    backend: str = "django.core.mail.backends.console.EmailBackend"
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    ssl: bool = False
    tls: bool = False


def mail(url: str) -> Mail:
    """Read `smtp://user:password@host:port`, or `smtps` for TLS from the first byte; to another computer mail never goes unencrypted."""
    if not url:
        return Mail()
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("LOCKSTEP_MAIL_URL must look like smtp://user:password@host:587. Change it and start again.")
    ssl = parts.scheme == "smtps"
    return Mail(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or (465 if ssl else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ssl=ssl,
        tls=not ssl and parts.hostname not in LOOPBACK,
    )
