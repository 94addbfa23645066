"""Where things go: one row for each kind of message."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.ports import Ability, Priority, Side


@dataclass(frozen=True)
class Route:
    """`lane` is a pattern: rows of one lane never run at the same time. `newest_only`: a newer row overtakes those still waiting."""

    kind: str
    ability: Ability
    target: Side
    lane: str
    rank: int
    priority: Priority
    newest_only: bool = False
    batch: bool = False  # several rows in one call
    label: str = ""


ROUTES = {
    route.kind: route
    for route in (
        # One store's orders reach the warehouse in the order they were placed (R39).
        Route("create_order", Ability.CREATE_ORDER, Side.HUB, lane="store:{store}", rank=0, priority=Priority.ORDERS, label="create the warehouse order"),
        Route("decide_order", Ability.DECIDE_ORDER, Side.CHANNEL, lane="order:{order}", rank=0, priority=Priority.ORDERS, label="accept the order"),
        Route("cancel_order", Ability.CANCEL_ORDER, Side.HUB, lane="order:{order}", rank=0, priority=Priority.ORDERS, label="cancel in the warehouse"),
        Route("confirm_shipment", Ability.CONFIRM_SHIPMENT, Side.CHANNEL, lane="order:{order}", rank=1, priority=Priority.ORDERS, label="tell the dispatch"),
        Route(
            "publish_stock", Ability.PUBLISH_STOCK, Side.CHANNEL, lane="stock:{subject}", rank=4, priority=Priority.STOCK, newest_only=True, batch=True,
            label="publish stock",
        ),
    )
}  # fmt: skip
