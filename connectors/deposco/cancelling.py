"""Changing an order that Deposco has: cancelling all of it or some units, and letting a held one go. All of it ends with the release.

https://api.deposco.com, sales orders
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.canonical import Done, HubOrder, HubState, ShipmentLine
from connectors.deposco.client import Rest
from connectors.deposco.gathering import ORDERS, Gatherer
from connectors.deposco.orders import count, pack_size, parse_order
from connectors.deposco.shapes import Row, id_of, key, number_of, part, rows, sku_of
from connectors.errors import ConnectorError, OutcomeUnknown, Rejected
from connectors.reading import text

HELD = ("Hold", "Draft")
SHIPPED = frozenset({HubState.SHIPPED, HubState.PART_SHIPPED})


class Changer:
    """Cancels, lowers and releases orders of one account."""

    def __init__(self, rest: Rest, gatherer: Gatherer) -> None:
        self.rest = rest
        self.gatherer = gatherer
        self.settings = rest.settings

    def cancel(self, reference: str, *, reason: str) -> Done:
        """Ask, and look when the answer is not a plain yes. Deposco keeps no reason."""
        self.need(reference)
        refused: ConnectorError | None = None
        try:
            row = self.rest.write(self.path(reference, "/cancellations"), None, sentence="Deposco did not cancel the order.")
            if text(row.get("orderStatus")) == "Canceled":
                return Done(reference)
        except (Rejected, OutcomeUnknown) as error:
            refused = error
        body, order = self.look(reference)
        if order.state is HubState.CANCELLED:
            return Done(reference, version=order.version, found=isinstance(refused, Rejected))
        if isinstance(refused, OutcomeUnknown):
            raise refused
        raise too_late(body, order, refused)

    def lower(self, reference: str, *, wanted: Sequence[ShipmentLine]) -> Done:
        """Cancel units until the order has no more than `wanted` of each SKU. By target, so that twice is once.

        Deposco takes a lower quantity by cancellation only. Rejected when the order is locked; nothing is raised by this.
        """
        body, order = self.look(reference)
        cuts = cuts_of(rows(body.get("lines")), wanted, what=f"Deposco order {order.number}")
        if not cuts:
            return Done(reference, version=order.version, found=True)
        try:
            self.rest.write(self.path(reference, "/cancellations"), {"orderLines": cuts}, sentence=f"Deposco did not lower order {order.number}.")
        except Rejected as error:
            raise too_late(body, order, error) from error
        return Done(reference)

    def release(self, reference: str) -> Done:
        """Let a held order go. One that is not held is left alone: setting it back to New would take it off its wave."""
        self.need(reference)
        body = self.rest.read(self.path(reference), name="salesOrder")
        if body is None:
            raise unknown(reference, "released")
        if text(body.get("orderStatus")) not in HELD:
            return Done(reference, found=True)
        self.rest.write(self.path(reference, "/status"), None, params=[("value", "New")], sentence="Deposco did not release the order.")
        return Done(reference)

    def look(self, reference: str) -> tuple[Row, HubOrder]:
        self.need(reference)
        row = self.rest.read(self.path(reference), name="salesOrder")
        if row is None:
            raise unknown(reference, "changed")
        body = self.gatherer.order(row)
        return body, parse_order(body, settings=self.settings)

    def need(self, reference: str) -> None:
        if not number_of(reference):
            raise unknown(reference, "changed")

    def path(self, reference: str, more: str = "") -> str:
        return f"{ORDERS}/{reference}{more}"


def too_late(body: Row, order: HubOrder, refused: ConnectorError | None) -> Rejected:
    """The refusal, with how far the warehouse is: a person has to call there."""
    detail, exchange = (refused.detail, refused.exchange) if refused else (f"status {order.vendor_state} after the call", None)
    if order.state in SHIPPED:
        return Rejected(f"Order {order.number} has shipped from Deposco, so it was not changed.", detail=detail, exchange=exchange, code="shipped")
    if not order.locked:
        sentence = refused.sentence if refused else f"Deposco did not change order {order.number}."
        return Rejected(sentence, detail=detail, exchange=exchange, code="not_changed")
    on = f" on wave {wave}" if (wave := wave_of(part(body, "order"))) else ""
    sentence = f"Order {order.number} is locked{on}: Deposco says “{order.vendor_state}”, so it takes no change. Ask the warehouse to stop it."
    return Rejected(sentence, detail=detail, exchange=exchange, code="locked")


def wave_of(order: Mapping[str, Any]) -> str:
    """The wave's number, told as text or as a reference."""
    ref = part(order, "pickWave")
    return text(order.get("pickWave")) or key(ref, "number") or text(ref.get("number")) or id_of(ref)


def unknown(reference: str, verb: str) -> Rejected:
    return Rejected(f"Deposco does not know an order with the id {reference}, so nothing was {verb}.", code="unknown_order")


def cuts_of(lines: Sequence[Row], wanted: Sequence[ShipmentLine], *, what: str) -> list[Row]:
    """Packs to cancel by line, the last lines first, so that each SKU is left with the units wanted."""
    left: Counter[str] = Counter()
    for line in wanted:
        left[line.sku] += line.quantity
    cuts, short = [], set()
    for row in lines:
        sku, size = sku_of(row), pack_size(row, what=what)
        open_packs = count(row, "orderPackQuantity", what=what) - count(row, "canceledPackQuantity", what=what)
        packs = min(open_packs, left[sku] // size)
        left[sku] -= packs * size
        if open_packs > packs:
            line_ref = {"businessKey": {"lineNumber": text(row.get("lineNumber"))}}
            cuts.append({"orderLine": line_ref, "canceledPackQuantity": open_packs - packs})
            short.add(sku)
    broken = sorted(sku for sku in short if left[sku])
    if broken:
        raise Rejected(f"{broken[0]} is on the {what} by the case, and a case cannot be cancelled in part.", code="pack_size", fields=tuple(broken))
    return cuts
