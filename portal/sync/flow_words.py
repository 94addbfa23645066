"""A complaint without what differs from one record to the next, so that the same complaint reads the same."""

from __future__ import annotations

import re

SERIAL = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b")
NUMBER = re.compile(r"(?<!\[)\b\d{4,}\b")
LONGEST = 160


def normalised(message: str, record: str = "") -> str:
    plain = message.replace(record, "…") if len(record) > 1 else message
    return re.sub(r"\s+", " ", NUMBER.sub("…", SERIAL.sub("…", plain))).strip().lower()[:LONGEST]
