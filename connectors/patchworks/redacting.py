"""Takes people and secrets out of a payload before it is kept: what a fault needs is the record, not the customer."""

from __future__ import annotations

import json
import re
from typing import Any

HIDDEN = re.compile(
    r"mail|phone|mobile|first_?name|last_?name|full_?name|customer_?name|recipient|customer$|^buyer|^billing|company|address|street|line[12]$|post_?code|zip|city|"
    r"latitude|longitude|birth|secret|token|password|api_?key|authori[sz]ation|signature|cookie|card|iban|note$|ip$",
    re.IGNORECASE,
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
SIGNATURE = re.compile(r"(patchworks[_-]signature=)[^&\s\"]+", re.IGNORECASE)
MASK = "[redacted]"
KEPT = 64 * 1024
DEEPEST = 40


def redacted(body: bytes) -> str:
    """The payload as text without people and secrets. What is not JSON is kept only where it has no fields to tell apart: as its size."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return f"A payload of {len(body)} bytes that is not JSON; it is not kept, because people in it could not be told apart."
    return json.dumps(hidden(told), ensure_ascii=False)[:KEPT]


def hidden(value: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return MASK
    if isinstance(value, dict):
        return {name: mask(one) if HIDDEN.search(str(name)) else hidden(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [hidden(one, depth + 1) for one in value[:1000]]
    return clean(value) if isinstance(value, str) else value


def mask(value: Any) -> Any:
    return value if value in (None, "", [], {}) or isinstance(value, bool) else MASK


def clean(sentence: str) -> str:
    """A sentence of a log without mail addresses and signatures."""
    return MAIL.sub(MASK, SIGNATURE.sub(rf"\1{MASK}", sentence))
