"""Which update actions show a dispatch on an order, judged on the order's present body and nothing else.

https://docs.commercetools.com/api/projects/orders#add-delivery
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.canonical import DispatchNotice, ShipmentLine
from connectors.commercetools.deliveries import Shipping, shippings
from connectors.commercetools.parcels import late_parcel_actions, parcel_drafts, safe_key
from connectors.commercetools.values import Body, exact, mapping, objects
from connectors.errors import Rejected
from connectors.reading import text, whole

Action = dict[str, Any]
Units = dict[str, int]  # line item id → units


@dataclass(frozen=True)
class Marking:
    """What the connection wants set besides the delivery. States are "" and transitions are ids or "", for none."""

    shipped_state: str = "Shipped"
    partial_state: str = "Partial"
    shipped_transition: str = ""
    partial_transition: str = ""
    complete_order: bool = False
    sync_channel: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""


@dataclass(frozen=True)
class Plan:
    """Actions for one update; none when the order shows everything already. `found`: the delivery was there."""

    actions: tuple[Action, ...] = ()
    found: bool = False
    warnings: tuple[str, ...] = ()


def plan_dispatch(order: Body, notice: DispatchNotice, marking: Marking) -> Plan:
    """Judge the dispatch on this version of the order. Rejected when it cannot be shown there."""
    if notice.shipment.cancelled:
        raise Rejected("This dispatch was taken back, so it was not shown in commercetools.", code="dispatch_cancelled")
    ships = shippings(order)
    if not ships:
        sentence = "This order has no shipping information in commercetools, so no delivery can be added to it."
        raise Rejected(sentence, code="no_shipping_info")
    others = delivered(ships, without=notice.key)
    units = resolve(notice.shipment.lines, order, others)
    done = notice.complete or covers(order, others, units)
    if own_deliveries(ships, notice.key):
        late = late_parcels(ships, notice, order, marking)
        return Plan((*late, *catch_up_actions(order, marking, done=done)), found=True, warnings=found_warnings(ships, notice.key, units))
    refuse_over_delivery(order, others, units)
    deliveries = delivery_actions(order, notice, marking, allocate(order, ships, units))
    actions = (*deliveries, *state_actions(order, marking, done=done), *sync_actions(notice, marking))
    return Plan(actions, warnings=("commercetools shows this order as cancelled.",) if order.get("orderState") == "Cancelled" else ())


def ordered(order: Body) -> Units:
    lines = [*objects(order.get("lineItems")), *objects(order.get("customLineItems"))]
    return {text(line.get("id")): whole(line.get("quantity", 1), what="quantity of a line item") for line in lines}


def units_of(delivery: Body) -> Counter[str]:
    units: Counter[str] = Counter()
    for item in objects(delivery.get("items")):
        units[text(item.get("id"))] += whole(item.get("quantity"), what="quantity of a delivery item")
    return units


def delivery_key(key: str, shipping_key: str, *, split: bool) -> str:
    """The key of the delivery: the dispatch's own, with the shipping's behind it where one dispatch needs several deliveries."""
    return safe_key(f"{key}-{shipping_key}" if split else key)


def is_own(delivery: Body, shipping: Shipping, key: str) -> bool:
    return text(delivery.get("key")) in {delivery_key(key, shipping.key, split=split) for split in (False, True)}


def own_deliveries(ships: Iterable[Shipping], key: str) -> list[Body]:
    return [delivery for shipping in ships for delivery in shipping.deliveries if is_own(delivery, shipping, key)]


def delivered(ships: Iterable[Shipping], *, without: str) -> Counter[str]:
    """Units that other dispatches have delivered so far."""
    found: Counter[str] = Counter()
    for shipping in ships:
        for delivery in shipping.deliveries:
            if not is_own(delivery, shipping, without):
                found += units_of(delivery)
    return found


def resolve(lines: Iterable[ShipmentLine], order: Body, others: Counter[str]) -> Units:
    """The dispatch's units by line item: by the line's id, else by SKU over the lines that still wait for it."""
    known = ordered(order)
    found: Counter[str] = Counter()
    for line in lines:
        if line.order_line:
            if line.order_line not in known:
                sentence = f"The dispatched line {line.order_line} ({line.sku}) is not on the order in commercetools."
                raise Rejected(sentence, code="unknown_line", fields=(line.order_line,))
            found[line.order_line] += line.quantity
        else:
            found.update(by_sku(line, order, others + found))
    units = {line: quantity for line, quantity in found.items() if quantity > 0}
    if not units:
        raise Rejected("This dispatch names no units of the order, so it was not shown in commercetools.", code="no_lines")
    return units


def by_sku(line: ShipmentLine, order: Body, taken: Counter[str]) -> Units:
    candidates = [text(item.get("id")) for item in objects(order.get("lineItems")) if exact(mapping(item.get("variant")).get("sku")) == line.sku]
    if not line.sku or not candidates:
        raise Rejected(f"The dispatched SKU “{line.sku}” is not on the order in commercetools.", code="unknown_line", fields=(line.sku,))
    wanted, left, found = ordered(order), line.quantity, Counter[str]()
    for candidate in candidates:
        part = min(left, max(0, wanted[candidate] - taken[candidate]))
        found[candidate] += part
        left -= part
    found[candidates[-1]] += left  # what is too many shows up as over-delivery
    return found


def refuse_over_delivery(order: Body, others: Counter[str], units: Units) -> None:
    """commercetools does not check that no more is delivered than was ordered; we must."""
    wanted = ordered(order)
    for line, quantity in units.items():
        if others[line] + quantity > wanted[line]:
            sentence = f"commercetools would show {others[line] + quantity} units of a line as delivered of which {wanted[line]} were ordered."
            raise Rejected(sentence, detail=f"line item {line}", code="over_delivery", fields=(line,))


def covers(order: Body, others: Counter[str], units: Units) -> bool:
    """Whether with these units every line item has been delivered in full."""
    lines = [text(line.get("id")) for line in objects(order.get("lineItems"))]
    wanted = ordered(order)
    return bool(lines) and all(others[line] + units.get(line, 0) >= wanted[line] for line in lines)


def allocate(order: Body, ships: tuple[Shipping, ...], units: Units) -> dict[str, Units]:
    """Units by shipping key: all to the only shipping, else as the lines' shippingDetails say."""
    if len(ships) == 1:
        return {ships[0].key: units}
    taken = {shipping.key: sum((units_of(delivery) for delivery in shipping.deliveries), Counter[str]()) for shipping in ships}
    groups: dict[str, Counter[str]] = {}
    for line, quantity in units.items():
        left = quantity
        for key, room in targets(order, line, taken):
            part = min(left, room)
            groups.setdefault(key, Counter())[line] += part
            left -= part
        if left:
            groups.setdefault(ships[0].key, Counter())[line] += left
    return {key: dict(+group) for key, group in groups.items() if +group}


def targets(order: Body, line: str, taken: Mapping[str, Counter[str]]) -> list[tuple[str, int]]:
    """The shipping keys a line goes to, each with the units that still wait there."""
    item = next((item for item in objects(order.get("lineItems")) if item.get("id") == line), {})
    found = []
    for target in objects(mapping(item.get("shippingDetails")).get("targets")):
        key = text(target.get("shippingMethodKey"))
        if key in taken:
            found.append((key, max(0, whole(target.get("quantity"), what="quantity of a shipping target") - taken[key][line])))
    return found


def delivery_actions(order: Body, notice: DispatchNotice, marking: Marking, groups: Mapping[str, Units]) -> list[Action]:
    """One addDelivery for each shipping the dispatch belongs to: nearly always one."""
    return [delivery_action(order, notice, marking, shipping_key=key, units=units, split=len(groups) > 1) for key, units in groups.items()]


def delivery_action(order: Body, notice: DispatchNotice, marking: Marking, *, shipping_key: str, units: Units, split: bool) -> Action:
    key = delivery_key(notice.key, shipping_key, split=split)
    parcels = parcel_drafts(notice.shipment, key, units, order=order, provider=marking.provider)
    items = [{"id": line, "quantity": quantity} for line, quantity in units.items()]
    action: Action = {"action": "addDelivery", "deliveryKey": key, "items": items}
    return action | ({"shippingKey": shipping_key} if shipping_key else {}) | ({"parcels": parcels} if parcels else {})


def late_parcels(ships: Iterable[Shipping], notice: DispatchNotice, order: Body, marking: Marking) -> list[Action]:
    """Parcels and tracking numbers that came after the delivery was added."""
    actions: list[Action] = []
    for delivery in own_deliveries(ships, notice.key):
        units = dict(units_of(delivery))
        drafts = parcel_drafts(notice.shipment, text(delivery.get("key")), units, order=order, provider=marking.provider)
        actions += late_parcel_actions(delivery, drafts)
    return actions


def found_warnings(ships: Iterable[Shipping], key: str, units: Units) -> tuple[str, ...]:
    shown = sum((units_of(delivery) for delivery in own_deliveries(ships, key)), Counter[str]())
    return () if shown == Counter(units) else ("commercetools shows this delivery with other units than were dispatched.",)


def state_actions(order: Body, marking: Marking, *, done: bool) -> list[Action]:
    """States that differ from what the order shows: setting one anew could make the channel mail its customer twice (R65)."""
    actions: list[Action] = []
    target = next_state(text(order.get("shipmentState")), marking, done=done)
    if target:
        actions.append({"action": "changeShipmentState", "shipmentState": target})
    workflow = marking.shipped_transition if done else marking.partial_transition
    if workflow and text(mapping(order.get("state")).get("id")) not in (workflow, marking.shipped_transition):
        actions.append({"action": "transitionState", "state": {"typeId": "state", "id": workflow}})
    if done and marking.complete_order and order.get("orderState") not in ("Complete", "Cancelled"):
        actions.append({"action": "changeOrderState", "orderState": "Complete"})
    return actions


def next_state(current: str, marking: Marking, *, done: bool) -> str:
    """The shipment state to set; "" when it stands already or the order is further than that."""
    target = marking.shipped_state if done else marking.partial_state
    if current in (target, marking.shipped_state, "Delivered") or (current == "Shipped" and not done):
        return ""
    return target


def catch_up_actions(order: Body, marking: Marking, *, done: bool) -> list[Action]:
    """For a delivery that is there: only forward from a part. A state that a person set since is left alone."""
    behind = text(order.get("shipmentState")) in ("", "Pending", marking.partial_state)
    return state_actions(order, marking, done=True) if done and behind and marking.shipped_state else []


def sync_actions(notice: DispatchNotice, marking: Marking) -> list[Action]:
    if not marking.sync_channel:
        return []
    channel = {"typeId": "channel", **marking.sync_channel}
    return [{"action": "updateSyncInfo", "channel": channel, "externalId": notice.shipment.reference or notice.key}]
