"""Credentials at rest: sealed with a key from the environment, opened only to make a call."""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(Exception):
    """What is stored was sealed with a key we no longer have."""


def box() -> MultiFernet:
    """Seals with the first key, opens with any (so that keys can be rotated)."""
    return MultiFernet([Fernet(key) for key in settings.CREDENTIALS_KEYS])


def seal(values: dict[str, str]) -> str:
    return box().encrypt(json.dumps(values).encode()).decode()


def unseal(sealed: str) -> dict[str, str]:
    """The values; SealBroken when no key of ours opens them."""
    if not sealed:
        return {}
    try:
        opened: dict[str, str] = json.loads(box().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise SealBroken("The stored credential cannot be opened with the keys this server has. Enter it again.") from error
    return opened
