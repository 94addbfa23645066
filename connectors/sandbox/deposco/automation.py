"""What the warehouse does by itself, if it is so set: wave, then pick, pack and ship."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.deposco import lifecycle
from connectors.sandbox.deposco.floor import WAVEABLE, new_wave, pick, release, wave
from connectors.sandbox.deposco.models import SALES, Order
from connectors.sandbox.deposco.packing import pack, ship
from connectors.sandbox.deposco.store import State


def schedule(here: State, order: Order, *, start: datetime) -> None:
    """What the warehouse will do with a new order by itself, if it is so set."""
    settings = here.settings
    if settings.auto_wave_s is not None:
        here.later(settings.auto_wave_s, lambda at: wave_by_itself(here, order, at=at), start=start)
    if settings.auto_ship_s is not None:
        here.later(settings.auto_ship_s, lambda at: ship_by_itself(here, order, at=at), start=start)


def move_to(here: State, order: Order, value: str, *, at: datetime) -> None:
    """Change the status by hand; an order that comes off hold is seen by the warehouse like a new one."""
    lifecycle.move_to(here, order, value, at=at)
    if order.status == "New" and order.type == SALES:
        schedule(here, order, start=at)


def wave_by_itself(here: State, order: Order, *, at: datetime) -> None:
    if order.status in ("New", "Ready for Fulfillment", "Back Ordered"):
        wave(here, order, number=new_wave(here), at=at)
        release(here, order, at=at)


def ship_by_itself(here: State, order: Order, *, at: datetime) -> None:
    if order.status not in WAVEABLE:
        return  # on hold, cancelled or gone
    if order.status not in ("Picking", "Pick Complete"):
        wave(here, order, number=order.wave or new_wave(here), at=at)
        release(here, order, at=at)
    if order.count("released") > order.count("packed"):
        pick(here, order, at=at)
        pack(here, order, packages=here.settings.auto_ship_packages, at=at)
    for id in order.shipment_ids:
        ship(here, here.shipments[id], at=at)


def serve_waiting(here: State, item_id: int, *, at: datetime) -> None:
    """New stock goes to the orders that are short of it, oldest first, while the warehouse works by itself."""
    if here.settings.auto_ship_s is None:
        return
    for id in sorted(here.waiting.get(item_id, ())):
        ship_by_itself(here, here.orders[id], at=at)
