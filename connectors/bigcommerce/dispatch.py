"""Shows dispatches on orders: one shipment for each package and address, looked for by tracking number before any is made.

https://developer.bigcommerce.com/docs/rest-management/orders/order-shipments
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from connectors.bigcommerce.client import Client
from connectors.bigcommerce.feeds import whole_order
from connectors.bigcommerce.parcels import Piece, Units, pieces_of
from connectors.bigcommerce.values import Body, Row, exact, mapping, objects
from connectors.canonical import DispatchNotice, Done, ShipmentLine
from connectors.errors import OutcomeUnknown, Rejected
from connectors.reading import text, whole

STANDARD = ("auspost", "canadapost", "endicia", "usps", "fedex", "ups", "upsready", "upsonline", "shipperhq", "royalmail")
LONGEST_NUMBER, LONGEST_LINK = 50, 500
CLOSED = {4: "refunded", 5: "cancelled", 6: "declined"}


@dataclass(frozen=True)
class Matched:
    """Pieces against what the order shows: to make, to fill in (shipment → piece), and the shipments that show ours already."""

    make: tuple[Piece, ...]
    track: tuple[tuple[Row, Piece], ...]
    found: tuple[Row, ...]


@dataclass
class Dispatcher:
    """Confirms dispatches of one store."""

    client: Client

    def confirm(self, notice: DispatchNotice) -> Done:
        """What the port promises."""
        if notice.shipment.cancelled:
            raise Rejected("This dispatch was taken back, so it was not shown in BigCommerce.", code="dispatch_cancelled")
        order = self.read(notice.order_reference)
        pieces, warnings = pieces_of(notice.shipment, resolve(notice.shipment.lines, order), addresses(order))
        matched = match(order, pieces, complete=notice.complete)
        refuse(order, matched)
        path = f"/v2/orders/{text(order.get('id'))}/shipments"
        for row, piece in matched.track:
            self.client.write("PUT", f"{path}/{text(row.get('id'))}", self.tracking(notice, piece), idempotent=True)
        made = [text(row.get("id")) for row in (*matched.found, *(row for row, _ in matched.track))]
        made += [self._create(path, notice, piece) for piece in matched.make]
        return Done(made[0], found=not matched.make, warnings=warnings)

    def read(self, reference: str) -> Row:
        found = self.client.get(f"/v2/orders/{reference}") if reference.isdigit() else None
        if not isinstance(found, dict) or not found.get("id"):
            raise Rejected("BigCommerce does not know this order any more, so its dispatch cannot be shown.", code="not_found")
        return whole_order(self.client, found)

    def _create(self, path: str, notice: DispatchNotice, piece: Piece) -> str:
        items = [{"order_product_id": int(line), "quantity": quantity} for line, quantity in piece.units.items()]
        body = self.tracking(notice, piece) | {"order_address_id": int(piece.address), "comments": "", "items": items}
        answer = self.client.write("POST", path, body)
        identity = text(mapping(answer).get("id"))
        if not identity:
            raise OutcomeUnknown("BigCommerce named no shipment, so it is not known whether the dispatch is shown.", detail=str(answer)[:2000])
        return identity

    def tracking(self, notice: DispatchNotice, piece: Piece) -> Row:
        """A carrier that BigCommerce knows by its own word, any other as it is called."""
        if len(piece.number) > LONGEST_NUMBER:
            sentence = f"The tracking number {piece.number} is longer than the {LONGEST_NUMBER} characters BigCommerce takes."
            raise Rejected(sentence, code="tracking_number", fields=("tracking_number",))
        carrier = notice.shipment.carrier_code or notice.shipment.carrier_label
        provider = carrier.lower() if carrier.lower() in STANDARD else carrier
        link = piece.link if len(piece.link) <= LONGEST_LINK else ""
        told = {"tracking_number": piece.number, "shipping_provider": provider, "tracking_carrier": "", "tracking_link": link}
        return told | ({"shipping_method": notice.shipment.service_code} if notice.shipment.service_code else {})


def addresses(order: Body) -> dict[str, str]:
    """Line → the address it goes to; the only one where a line does not say."""
    places = [text(each.get("id")) for each in objects(order.get("shipping_addresses")) if each.get("id")]
    usual = places[0] if places else ""
    return {text(each.get("id")): text(each.get("order_address_id")) or usual for each in objects(order.get("products"))}


def units_of(shipment: Body) -> Units:
    found: Counter[str] = Counter()
    for item in objects(shipment.get("items")):
        found[text(item.get("order_product_id"))] += whole(item.get("quantity"), what="quantity of a shipment")
    return dict(+found)


def waiting(order: Body) -> Counter[str]:
    """Units by line that have not been shown as shipped; refunded ones may ship all the same."""
    sent: Counter[str] = Counter()
    for shipment in objects(order.get("shipments")):
        sent.update(units_of(shipment))
    found: Counter[str] = Counter()
    for each in objects(order.get("products")):
        line = text(each.get("id"))
        gone = max(sent[line], whole(each.get("quantity_shipped") or 0, what="quantity_shipped"))
        found[line] = whole(each.get("quantity"), what="quantity of a product") - gone
    return found


def resolve(lines: tuple[ShipmentLine, ...], order: Body) -> Units:
    """The dispatch's units by line: by the line's id, else by SKU over the lines that still wait for it."""
    known = {text(each.get("id")): exact(each.get("sku")).strip() for each in objects(order.get("products"))}
    waits, found = waiting(order), Counter[str]()
    for line in lines:
        alike = [each for each, sku in known.items() if sku and sku == line.sku and not line.order_line]
        candidates = [line.order_line] if line.order_line in known else alike
        if not candidates:
            sentence = f"The dispatched line {line.order_line or line.sku} is not on the order in BigCommerce."
            raise Rejected(sentence, code="unknown_line", fields=(line.order_line or line.sku,))
        left = line.quantity
        for candidate in candidates[:-1]:
            part = min(left, max(0, waits[candidate] - found[candidate]))
            found[candidate] += part
            left -= part
        found[candidates[-1]] += left  # what is too many shows up as over-delivery
    units = {line: quantity for line, quantity in found.items() if quantity > 0}
    if not units:
        raise Rejected("This dispatch names no units of the order, so it was not shown in BigCommerce.", code="no_lines")
    return units


def match(order: Body, pieces: tuple[Piece, ...], *, complete: bool) -> Matched:
    """What is there already, by tracking number; else the untracked shipment of exactly these units, for its number may come late.

    With a dispatch that completes its order, an untracked one is not taken for it while units still wait: then it is another of as many.
    """
    free = list(objects(order.get("shipments")))
    open_units = sum(max(0, units) for units in waiting(order).values())
    make: list[Piece] = []
    track: list[tuple[Row, Piece]] = []
    found: list[Row] = []
    for piece in pieces:
        same = [row for row in free if piece.number and text(row.get("tracking_number")) == piece.number]
        here = next((row for row in same if text(row.get("order_address_id")) in ("", piece.address)), None)
        if here is None and not (complete and open_units):
            here = next((row for row in free if not text(row.get("tracking_number")) and units_of(row) == piece.units), None)
        if here is None:
            make.append(piece)
            continue
        free.remove(here)
        track += [(here, piece)] if piece.number and not text(here.get("tracking_number")) else []
        found += [here] if not piece.number or text(here.get("tracking_number")) else []
    return left_over(Matched(tuple(make), tuple(track), tuple(found)), order)


def left_over(matched: Matched, order: Body) -> Matched:
    """Where everything was shown under one number and a further package is heard of late, no unit is left for it."""
    if not matched.found or not matched.make or any(waiting(order).values()):
        return matched
    return replace(matched, make=())


def refuse(order: Body, matched: Matched) -> None:
    """BigCommerce refuses too many units in words that help nobody, and would show a cancelled order as shipped."""
    status = order.get("status_id")
    if matched.make and status in CLOSED:
        raise Rejected(f"This order is {CLOSED[status]} in BigCommerce, so its dispatch cannot be shown there.", code="order_cancelled")
    wanted: Counter[str] = Counter()
    for piece in matched.make:
        wanted.update(piece.units)
    room = waiting(order)
    for line, quantity in wanted.items():
        if quantity > room[line]:
            sku = next((exact(each.get("sku")) for each in objects(order.get("products")) if text(each.get("id")) == line), line)
            sentence = f"{quantity} units of {sku or line} were shipped, but BigCommerce waits for {max(0, room[line])} more of this line."
            raise Rejected(sentence, detail=f"line {line}", code="over_delivery", fields=(line,))
