"""Mistakes in the settings that would only be noticed at night, found before anything starts."""

from __future__ import annotations

from math import ceil
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.compatibility)
def queue_waits_long_enough(**_kwargs: Any) -> list[CheckMessage]:
    """A task ages while it waits in a worker's memory; asked for again too soon, it would run twice at the same time."""
    queue = settings.Q_CLUSTER
    turns = 1 + ceil((queue["queue_limit"] + queue["bulk"]) / queue["workers"])
    if queue["retry"] > queue["timeout"] * turns:
        return []
    hint = f"Set it above timeout × (1 + ceil((queue_limit + bulk) / workers)) = {queue['timeout'] * turns} s."
    return [Error(f"The queue hands a task out again after {queue['retry']} s, while it may still be running.", hint=hint, id="portal.E001")]


@register(Tags.compatibility)
def queue_never_repeats(**_kwargs: Any) -> list[CheckMessage]:
    """Repeating is decided in our rows; a queue that repeats by itself would do so behind their back."""
    wanted = {"ack_failures": True, "max_attempts": 1, "save_limit": -1}
    wrong = [name for name, value in wanted.items() if settings.Q_CLUSTER.get(name) != value]
    return [Error(f"Q_CLUSTER[{name!r}] must be {wanted[name]!r}.", id="portal.E002") for name in wrong]


@register(Tags.security)
def credentials_keys_are_keys(**_kwargs: Any) -> list[CheckMessage]:
    """A broken key would be noticed only when somebody saves a connection."""
    broken = [place for place, key in enumerate(settings.CREDENTIALS_KEYS, start=1) if not is_key(key)]
    hint = "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    return [Error(f"Key {place} in LOCKSTEP_CREDENTIALS_KEY is not a Fernet key.", hint=hint, id="portal.E003") for place in broken]


def is_key(word: str) -> bool:
    try:
        Fernet(word)
    except ValueError:
        return False
    return True


@register(Tags.database)
def database_is_postgresql(**_kwargs: Any) -> list[CheckMessage]:
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        return []
    return [Error("Lockstep runs on PostgreSQL only.", id="portal.E004")]
