"""Proving the keys scope by scope, and telling the administrator what is switched off."""

from __future__ import annotations

from connectors.errors import AccessDenied, Unavailable
from connectors.ports import Verification
from connectors.xoro.client import INVENTORY, ITEMS, NAMES, ORDERS, WAVES, Client, is_scope_like
from connectors.xoro.envelope import rows_of

OFF_WARNINGS = {
    "path_ship_confirm": "No path for confirming shipments is set: shipments must be confirmed in Xoro.",
    "path_so_cancel": "No path for cancelling orders is set: orders must be cancelled in Xoro.",
}


def verify(client: Client) -> Verification:
    """One tiny read of each scope. A fault (HTTP 500) of any of them counts as a missing permission here."""
    settings = client.settings
    zone = settings.zone
    status = next(iter(settings.words("order_statuses")), "Released")
    probes = {
        ORDERS: {"status": status, "page": "1", "per_page": "1"},
        WAVES: {"status": next(iter(settings.words("wave_statuses")), "released"), "page": "1"},
        INVENTORY: {"page": "1", "per_page": "1"},
        ITEMS: {"page": "1", "per_page": "1"},
    }
    empty = [NAMES[path] for path, params in probes.items() if is_empty(client, path, params)]
    warnings = [sentence for name, sentence in OFF_WARNINGS.items() if not settings.text(name)]
    warnings += [f"Xoro gave no {what} in a trial. If there are some, it may have been asked too often." for what in empty if what != NAMES[WAVES]]
    facts = {"scopes": ", ".join(NAMES[path] for path in probes), "time_zone": str(zone)}
    return Verification("Connected to Xoro: its key may read sales orders, waves, stock and items.", facts=facts, warnings=tuple(warnings))


def is_empty(client: Client, path: str, params: dict[str, str]) -> bool:
    try:
        envelope = client.read(path, params)
    except Unavailable as error:
        if not is_scope_like(error):
            raise
        sentence = f"Xoro answered the trial read of {NAMES[path]} with a fault (HTTP 500), as it does for a key without that permission."
        raise AccessDenied(f"{sentence} Check the scope of its private app.", detail=error.detail, exchange=error.exchange) from error
    return not rows_of(envelope, what=NAMES[path]) if path != WAVES else False
