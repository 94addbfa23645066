"""Cancelling a sales order, where the connection names the call."""

from __future__ import annotations

from connectors.canonical import Done
from connectors.errors import Rejected
from connectors.reading import text
from connectors.xoro.client import Client
from connectors.xoro.lines import named, units
from connectors.xoro.orders import lines_of, status_of
from connectors.xoro.paths import path_of

CANCELLED = frozenset({"cancelled", "canceled"})
SENT = frozenset({"shipped", "invoiced", "closed"})


def cancel(client: Client, reference: str) -> Done:
    """Cancel it; `found` when it is cancelled already. Rejected when something of it has shipped."""
    path = path_of(client.settings, "so_cancel", order=reference)
    row = client.order(reference)
    if row is None:
        raise Rejected(f"Xoro does not know the sales order {reference}.", code="unknown_order")
    status = status_of(row)
    if status.lower() in CANCELLED:
        return Done(text(reference), found=True)
    shipped = sum(units(line, "QtyShipped", what=named(line, reference)) for line in lines_of(row, order=reference))
    if shipped or status.lower() in SENT:
        raise Rejected(f"Sales order {reference} is {status} in Xoro, with {shipped} units shipped, so it cannot be cancelled there.", code="shipped")
    client.write(path, {"OrderNumber": reference}, what=f"the cancellation of sales order {reference}")
    return Done(reference)
