"""The address at which a vendor may call us about one account: it names the account and cannot be guessed."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from portal.connections.models import Connection

SIGNER = Signer(salt="webhook door", sep=".")


def key_of(connection: Connection) -> str:
    """The account's part of the address. It changes with the portal's secret key."""
    return SIGNER.sign(str(connection.pk))


def path_of(connection: Connection) -> str:
    return reverse("hook", args=[key_of(connection)])


def connection_of(key: str) -> Connection | None:
    """The account an address belongs to; None for every address that is none of ours, and for removed accounts."""
    try:
        pk = int(SIGNER.unsign(key))
    except (BadSignature, ValueError):
        return None
    return Connection.objects.present().filter(pk=pk).first()
