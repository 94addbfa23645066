"""Where things go: one row for each kind of message."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.ports import Ability, Priority, Side


@dataclass(frozen=True)
class Route:
    """`lane` is a pattern: rows of one lane never run at the same time. `newest_only`: a newer row overtakes those still waiting."""

    ability: Ability
    target: Side
    priority: Priority
    lane: str
    rank: int
    newest_only: bool = False
    batch: bool = False  # several rows in one call
    label: str = ""


ROUTES = {
    # One store's orders reach the warehouse in the order they were placed (R39).
    "create_order": Route(Ability.CREATE_ORDER, Side.HUB, Priority.ORDERS, lane="store:{store}", rank=0, label="create the warehouse order"),
    "decide_order": Route(Ability.DECIDE_ORDER, Side.CHANNEL, Priority.ORDERS, lane="order:{order}", rank=0, label="accept the order"),
    "release_order": Route(Ability.RELEASE_ORDER, Side.HUB, Priority.ORDERS, lane="order:{order}", rank=0, label="release in the warehouse"),
    "cancel_order": Route(Ability.CANCEL_ORDER, Side.HUB, Priority.ORDERS, lane="order:{order}", rank=0, label="cancel in the warehouse"),
    "lower_order": Route(
        Ability.LOWER_ORDER, Side.HUB, Priority.ORDERS, lane="order:{order}", rank=0, newest_only=True, label="take units off in the warehouse"
    ),
    "confirm_shipment": Route(Ability.CONFIRM_SHIPMENT, Side.CHANNEL, Priority.ORDERS, lane="order:{order}", rank=1, label="tell the dispatch"),
    # A product is made before its variants are, and told what changed after that.
    "save_variant": Route(
        Ability.SAVE_VARIANT, Side.HUB, Priority.STOCK, lane="product:{product}", rank=3, newest_only=True, label="save the product"
    ),
    "publish_stock": Route(
        Ability.PUBLISH_STOCK, Side.CHANNEL, Priority.STOCK, lane="stock:{subject}", rank=4, newest_only=True, batch=True, label="publish stock"
    ),
}
