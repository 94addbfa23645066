"""Calls that no public reference shows: each exists only where the connection's options name its path."""

from __future__ import annotations

from urllib.parse import quote

from connectors.errors import Rejected
from connectors.xoro.settings import Settings

OFF = {
    "ship_confirm": "Telling Xoro of shipments is switched off for this connection, because its call is not known. Confirm this shipment in Xoro.",
    "so_cancel": "Cancelling orders in Xoro is switched off for this connection, because its call is not known. Cancel this order in Xoro.",
}


def path_of(settings: Settings, name: str, *, order: str) -> str:
    """The path for this order; `{wave_number}` is left to whoever knows the wave. Rejected `off` where none is set."""
    template = settings.text(f"path_{name}").strip("/")
    if not template:
        raise Rejected(OFF[name], code="off")
    return template.replace("{order_number}", quote(order, safe=""))
