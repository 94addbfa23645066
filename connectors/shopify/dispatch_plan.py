"""Which fulfillments and tracking numbers an order lacks of a dispatch, judged on the order's present state and nothing else.

https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps/build-fulfillment-solutions
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from connectors.canonical import DispatchNotice, ShipmentLine
from connectors.errors import Rejected
from connectors.reading import text, whole
from connectors.shopify.orders import happened, units_of
from connectors.shopify.values import Body, Node, exact, mapping, nodes, objects, tail

Units = dict[str, int]  # line id → units
USABLE = frozenset({"OPEN", "IN_PROGRESS", "INCOMPLETE"})
HELD = {  # a fulfillment order that has the units and does not give them
    "ON_HOLD": "This order is on hold in Shopify, so its dispatch cannot be shown. Release the hold there, then retry.",
    "SCHEDULED": "Shopify has this order scheduled for later, so its dispatch cannot be shown yet. Open it there, then retry.",
}


@dataclass(frozen=True)
class Plan:
    """What to do. `fulfil`: one list of fulfillment orders for each location. `track`: fulfillment id → all numbers it should show."""

    fulfil: tuple[list[Node], ...] = ()
    track: dict[str, list[str]] = field(default_factory=dict)
    found: str = ""  # the fulfillment that shows this dispatch already
    warnings: tuple[str, ...] = ()


def plan_dispatch(order: Body, notice: DispatchNotice) -> Plan:
    """Judge the dispatch. Rejected when it cannot be shown there."""
    if notice.shipment.cancelled:
        raise Rejected("This dispatch was taken back, so it was not shown in Shopify.", code="dispatch_cancelled")
    units, numbers = resolve(notice.shipment.lines, order), numbers_of(notice)
    own = own_fulfillments(order, notice, units, numbers)
    if not own:
        return Plan(allocate(order, units, prefer=notice.shipment.warehouse_code), warnings=warned(order))
    shown = sum((units_of(each) for each in own), Counter[str]())
    rest = {line: quantity - shown[line] for line, quantity in units.items() if quantity > shown[line]}
    # Units of one dispatch go out from several locations one after the other; what an earlier try did not reach is made up for.
    missing = allocate(order, rest, prefer=notice.shipment.warehouse_code) if rest and has_room(order, rest) else ()
    warnings = () if missing or not rest else ("Shopify shows fewer units under this tracking number than were shipped.",)
    return Plan(missing, late_numbers(own, numbers), found=text(own[0].get("id")), warnings=(*warned(order), *warnings))


def warned(order: Body) -> tuple[str, ...]:
    return ("Shopify shows this order as cancelled.",) if order.get("cancelledAt") else ()


def numbers_of(notice: DispatchNotice) -> list[str]:
    return list(dict.fromkeys(parcel.tracking_number for parcel in notice.shipment.parcels if parcel.tracking_number))


def shown_numbers(fulfillment: Body) -> list[str]:
    return [number for number in (text(each.get("number")) for each in objects(fulfillment.get("trackingInfo"))) if number]


def own_fulfillments(order: Body, notice: DispatchNotice, units: Units, numbers: list[str]) -> list[Node]:
    """Those that show this dispatch: by tracking number; else the untracked one of exactly these units, for its number may come late.

    A fulfillment has no place for a key of ours. With a dispatch that completes its order, an untracked one is not taken for it while
    units still wait: then it is another dispatch of as many units.
    """
    every = [each for each in nodes(order.get("fulfillments")) if happened(each) and each.get("id")]
    tracked = [each for each in every if set(shown_numbers(each)) & set(numbers)]
    if tracked:
        return tracked
    same = [each for each in every if not shown_numbers(each) and dict(+units_of(each)) == units]
    if notice.complete and any(waiting(order, USABLE | frozenset(HELD)).values()):
        return []
    return same[:1]


def late_numbers(own: list[Node], numbers: list[str]) -> dict[str, list[str]]:
    """Numbers that came after the fulfillment was made, added to those that it shows."""
    shown = {number for each in own for number in shown_numbers(each)}
    lacking = [number for number in numbers if number not in shown]
    return {text(own[0]["id"]): [*shown_numbers(own[0]), *lacking]} if lacking else {}


def resolve(lines: tuple[ShipmentLine, ...], order: Body) -> Units:
    """The dispatch's units by line: by the line's id, else by SKU over the lines that still wait for it."""
    known = {tail(line.get("id")): exact(line.get("sku")).strip() for line in nodes(order.get("lineItems"))}
    waits = waiting(order, USABLE | frozenset(HELD))
    found: Counter[str] = Counter()
    for line in lines:
        reference = tail(line.order_line)
        candidates = [reference] if reference in known else [each for each, sku in known.items() if sku and sku == line.sku and not reference]
        if not candidates:
            sentence = f"The dispatched line {reference or line.sku} is not on the order in Shopify."
            raise Rejected(sentence, code="unknown_line", fields=(line.order_line or line.sku,))
        left = line.quantity
        for candidate in candidates[:-1]:
            part = min(left, max(0, waits[candidate] - found[candidate]))
            found[candidate] += part
            left -= part
        found[candidates[-1]] += left  # what is too many shows up as over-delivery
    units = {line: quantity for line, quantity in found.items() if quantity > 0}
    if not units:
        raise Rejected("This dispatch names no units of the order, so it was not shown in Shopify.", code="no_lines")
    return units


def remaining(row: Body) -> int:
    return whole(row.get("remainingQuantity", 0), what="remainingQuantity")


def waiting(order: Body, states: frozenset[str]) -> Counter[str]:
    """Units by line that wait in fulfillment orders of these states."""
    found: Counter[str] = Counter()
    for each in nodes(order.get("fulfillmentOrders")):
        if text(each.get("status")).upper() in states:
            for row in nodes(each.get("lineItems")):
                found[tail(mapping(row.get("lineItem")).get("id"))] += max(0, remaining(row))
    return found


def has_room(order: Body, units: Units) -> bool:
    room = waiting(order, USABLE)
    return all(room[line] >= quantity for line, quantity in units.items())


def location_of(fulfillment_order: Body) -> tuple[str, str]:
    """Number and name of the place; one call may only concern one."""
    place = mapping(fulfillment_order.get("assignedLocation"))
    return tail(mapping(place.get("location")).get("id")) or tail(place.get("id")), text(place.get("name"))


def allocate(order: Body, units: Units, *, prefer: str) -> tuple[list[Node], ...]:
    """Take the units from fulfillment orders, those of the preferred location first; Rejected where there are not enough."""
    refuse_too_many(order, units)
    usable = [each for each in nodes(order.get("fulfillmentOrders")) if text(each.get("status")).upper() in USABLE]
    usable.sort(key=lambda each: bool(prefer) and prefer not in location_of(each))
    left, groups = Counter(units), dict[tuple[str, str], list[Node]]()
    for each in usable:
        rows = []
        for row in nodes(each.get("lineItems")):
            line = tail(mapping(row.get("lineItem")).get("id"))
            part = min(left[line], max(0, remaining(row)))
            if part > 0:
                rows.append({"id": row.get("id"), "quantity": part})
                left[line] -= part
        if rows:
            groups.setdefault(location_of(each), []).append({"fulfillmentOrderId": each.get("id"), "fulfillmentOrderLineItems": rows})
    return tuple(groups.values())


def refuse_too_many(order: Body, units: Units) -> None:
    """Shopify refuses too many units in words that help nobody."""
    room = waiting(order, USABLE)
    for line, quantity in units.items():
        if room[line] >= quantity:
            continue
        for state, sentence in HELD.items():
            if waiting(order, frozenset({state}))[line]:
                raise Rejected(sentence, detail=f"line {line}", code=state.lower(), fields=(line,))
        if order.get("cancelledAt"):
            raise Rejected("This order is cancelled in Shopify, so its dispatch cannot be shown there.", code="order_cancelled", fields=(line,))
        sku = next((exact(each.get("sku")) for each in nodes(order.get("lineItems")) if tail(each.get("id")) == line), line)
        sentence = f"{quantity} units of {sku or line} were shipped, but Shopify waits for {room[line]} more of this line."
        raise Rejected(sentence, detail=f"line {line}", code="over_delivery", fields=(line,))
