"""Which addresses a connection may call: https anywhere, plain http on this computer only."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_base_url(url: str) -> None:
    """ValidationError unless the address is absolute and safe to send a credential to."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets left open, a port that is no number
        usable = False
    if not usable:
        raise ValidationError("Enter a full address that begins with https://.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError("Enter the address alone, without user name, “?” or “#”.")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValidationError("Plain http would send the credential in the clear: it is allowed only for this computer (127.0.0.1). Use https.")
