"""Keywords and wildcard patterns that keep a message out of the mail (R129), and lists of addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

WILD = re.compile(r"[*?]")
LEAST_LETTERS = 3


def split(text: str) -> list[str]:
    """The parts of a comma-separated list, each once, in order."""
    parts = (part.strip() for part in re.split(r"[,;\n]", text))
    return list(dict.fromkeys(part for part in parts if part))


def check_pattern(pattern: str) -> None:
    """ValidationError for a pattern that would silence everything, or nearly."""
    if len(re.findall(r"\w", pattern)) < LEAST_LETTERS:
        raise ValidationError(f"“{pattern}” would keep (nearly) every message out of the mail. Use at least {LEAST_LETTERS} letters or digits.")


def fits(pattern: str, message: str) -> bool:
    """A word fits where it occurs; a pattern with * or ? must fit the whole message. Capitals do not matter."""
    wanted, text = pattern.casefold(), " ".join(message.casefold().split())
    if WILD.search(wanted):
        return fnmatchcase(text, wanted.replace("[", "[[]"))
    return wanted in text


def is_excluded(message: str, patterns: Iterable[str]) -> bool:
    return any(fits(pattern, message) for pattern in patterns)


def read_addresses(text: str) -> list[str]:
    """The addresses of a comma-separated list; ValidationError names those that are none (R126, R128)."""
    found, wrong = split(text), []
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            wrong.append(address)
    if wrong:
        raise ValidationError(f"Not an e-mail address: {', '.join(f'“{one}”' for one in wrong)}. Separate addresses by commas.")
    return found


def read_patterns(text: str) -> list[str]:
    found = split(text)
    for pattern in found:
        check_pattern(pattern)
    return found
