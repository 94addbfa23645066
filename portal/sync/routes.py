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
    # A return: the warehouse is told to expect it, the channel that it came, and then the money goes back.
    "announce_return": Route(
        Ability.ANNOUNCE_RETURN, Side.HUB, Priority.ORDERS, lane="order:{order}", rank=2, newest_only=True, label="announce the return"
    ),
    "refund": Route(Ability.REFUND, Side.CHANNEL, Priority.ORDERS, lane="order:{order}", rank=2, label="give the money back"),
    "tell_return": Route(Ability.ANNOUNCE_RETURN, Side.CHANNEL, Priority.ORDERS, lane="order:{order}", rank=2, label="tell how the return goes on"),
    # A product is made before its variants are, and told what changed after that.
    "save_variant": Route(
        Ability.SAVE_VARIANT, Side.HUB, Priority.STOCK, lane="product:{product}", rank=3, newest_only=True, label="save the product"
    ),
    "publish_stock": Route(
        Ability.PUBLISH_STOCK, Side.CHANNEL, Priority.STOCK, lane="stock:{subject}", rank=4, newest_only=True, batch=True, label="publish stock"
    ),
}
