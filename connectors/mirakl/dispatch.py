"""Shows a dispatch on an order: OR23 tracking then OR24 ship for a whole order, shipments (ST01) for a part of one.

https://developer.mirakl.com
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from connectors.canonical import DispatchNotice, Done
from connectors.errors import ContractError, Rejected
from connectors.mirakl.client import Client, Row, listed
from connectors.mirakl.lines import wanted_units
from connectors.mirakl.orders import ENDED, SENT, UNPAID, unwrapped
from connectors.mirakl.reference import Reference
from connectors.mirakl.shipments import Shipments, Units
from connectors.mirakl.unsure import is_unsure, remembered
from connectors.reading import load, text

SHIPPING = "SHIPPING"
NOT_NOW = {
    **dict.fromkeys(UNPAID, "The order waits at the marketplace (for acceptance or for its payment), so it cannot be shown as shipped yet."),
    **dict.fromkeys(ENDED, "The marketplace has ended this order, so its dispatch cannot be shown there: stop the parcel if it can be stopped."),
}


class Dispatcher:
    """Writes dispatches of one shop."""

    def __init__(self, client: Client, reference: Reference) -> None:
        self.client, self.reference = client, reference
        self.shipments = Shipments(client)

    def confirm(self, notice: DispatchNotice) -> Done:
        """`found` when the order shows it already. Errors: Rejected `unknown_carrier` before anything is sent."""
        if notice.shipment.cancelled:
            raise Rejected("This dispatch was taken back, so it was not shown at Mirakl.", code="dispatch_cancelled")
        carrier = self.carrier(notice)
        order = self.known_order(notice)
        self.check_tracking(notice, order, carrier)
        units = units_of(notice, order)
        if self.by_shipments(notice, order, units):
            done = self.shipments.confirm(notice, units, tracking=tracking(notice))
            if done is not None:
                return done
        if not notice.complete and text(order.get("order_state")) not in SENT:
            sentence = "This marketplace takes only whole orders: it is told when the rest has shipped."
            raise Rejected(sentence, detail="Several shipments for an order are off.", code="partial_not_supported")
        return self.whole(notice, order, carrier)

    def carrier(self, notice: DispatchNotice) -> Row:
        """The registered carrier; what is not to the letter one of the operator's codes is never sent (R61)."""
        code = notice.shipment.carrier_code
        found = self.reference.carrier(code) if code else None
        if found is None:
            known = ", ".join(self.reference.carrier_codes())
            sentence = f"“{code}” is not one of this marketplace's carrier codes, so nothing was sent."
            raise Rejected(sentence, detail=f"Its codes: {known}", code="unknown_carrier", fields=(code,))
        return found

    def check_tracking(self, notice: DispatchNotice, order: Row, carrier: Row) -> None:
        """Once an order is shipped, OR23 may refuse what comes late; so a fresh dispatch waits for its number (`tracking_to_come`)."""
        shipped_at, wait = notice.shipment.shipped_at, timedelta(minutes=self.client.settings.number("tracking_wait_min"))
        if tracking_number(notice) or text(order.get("order_state")) in SENT:
            return
        if shipped_at is not None and datetime.now(UTC) < shipped_at + wait:
            raise Rejected("The warehouse has not told the tracking number yet; the marketplace is told with it.", code="tracking_to_come")
        if "{trackingId}" in text(carrier.get("tracking_url")):
            sentence = "This carrier's dispatches need a tracking number at the marketplace, and there is none yet."
            raise Rejected(sentence, code="no_tracking", fields=("tracking_number",))

    def known_order(self, notice: DispatchNotice) -> Row:
        """The order as the caller saw it; read anew where it saw none, or where an earlier attempt may have gone through."""
        seen = seen_order(notice)
        if seen is not None and not is_unsure(self.client, "OR24", notice.order_reference):
            return seen
        return self.look(notice.order_reference)

    def look(self, reference: str) -> Row:
        order = self.client.order(reference)
        if order is None:
            raise Rejected("Mirakl does not know this order, or it belongs to another shop, so its dispatch cannot be shown.", code="404")
        return order

    def by_shipments(self, notice: DispatchNotice, order: Row, units: Units) -> bool:
        """Whether shipments are used: always, never, or for parts and several parcels where the platform has them."""
        mode = self.client.settings.text("multi_shipment")
        if mode in ("on", "off"):
            return mode == "on"
        wanted = wanted_units(order)
        whole = notice.complete and all(units.get(line, 0) >= count for line, count in wanted.items())
        several = sum(1 for parcel in notice.shipment.parcels if parcel.lines) > 1
        return (not whole or several) and self.reference.feature("shipment", "multi_shipment") is not False

    def whole(self, notice: DispatchNotice, order: Row, carrier: Row) -> Done:
        """Tracking, then ship. When one of them is refused, the order is read: it may show the dispatch already."""
        if text(order.get("order_state")) in SENT:
            return self.late(notice, order)
        if text(order.get("order_state")) == SHIPPING and order.get("can_shop_ship") is False:
            raise Rejected("The operator itself ships this order, so its dispatch is not ours to show.", code="not_ours_to_ship")
        try:
            self.track(notice)
            with remembered(self.client, "OR24", notice.order_reference):
                self.client.write("OR24", "PUT", f"/orders/{quote(notice.order_reference, safe='')}/ship")
        except Rejected as error:
            fresh = self.look(notice.order_reference)
            if text(fresh.get("order_state")) in SENT:
                return self.late(notice, fresh)
            raise explained(error, fresh, carrier) from error
        return Done(notice.order_reference, warnings=unshown_parcels(notice))

    def track(self, notice: DispatchNotice) -> None:
        """OR23 overwrites, so that sending it twice does no harm."""
        path = f"/orders/{quote(notice.order_reference, safe='')}/tracking"
        self.client.write("OR23", "PUT", path, tracking(notice), idempotent=True)

    def late(self, notice: DispatchNotice, order: Row) -> Done:
        """The order is shipped: fill in tracking that it lacks; leave what it shows alone."""
        shown = text(order.get("shipping_tracking"))
        number = tracking_number(notice)
        warnings: tuple[str, ...] = ()
        if not shown and (number or not text(order.get("shipping_carrier_code"))):
            self.track(notice)
        elif number and shown != number:
            warnings = (f"The marketplace shows this order as shipped with the tracking number {shown}.",)
        return Done(notice.order_reference, found=True, version=text(order.get("last_updated_date")), warnings=warnings)


def seen_order(notice: DispatchNotice) -> Row | None:
    """The order as the caller last saw it, if those bytes are it."""
    if not notice.seen:
        return None
    try:
        order = unwrapped(load(notice.seen, what="order"))
    except ContractError:
        return None
    return order if text(order.get("order_id")) == notice.order_reference and listed(order, "order_lines") else None


def tracking_number(notice: DispatchNotice) -> str:
    return next((parcel.tracking_number for parcel in notice.shipment.parcels if parcel.tracking_number), "")


def tracking(notice: DispatchNotice, number: str | None = None) -> Row:
    """A registered carrier's tracking: its page is worked out by the operator."""
    number = tracking_number(notice) if number is None else number
    return {"carrier_code": notice.shipment.carrier_code, **({"tracking_number": number} if number else {})}


def unshown_parcels(notice: DispatchNotice) -> tuple[str, ...]:
    others = [parcel.tracking_number for parcel in notice.shipment.parcels if parcel.tracking_number][1:]
    return (f"An order has room for one tracking number here; not shown: {', '.join(others)}.",) if others else ()


def units_of(notice: DispatchNotice, order: Row) -> Units:
    """Units by order line; a line given by SKU alone is laid over the order's lines of that SKU."""
    lines = {text(line.get("order_line_id")): text(line.get("offer_sku")) for line in listed(order, "order_lines")}
    wanted = wanted_units(order)
    found: Counter[str] = Counter()
    for line in notice.shipment.lines:
        candidates = [line.order_line] if line.order_line in lines else [] if line.order_line else [one for one in lines if lines[one] == line.sku]
        if not candidates:
            sentence = f"The dispatched line {line.order_line or line.sku} is not on the order at Mirakl."
            raise Rejected(sentence, code="unknown_line", fields=(line.order_line or line.sku,))
        left = line.quantity
        for candidate in candidates[:-1]:
            share = min(left, max(0, wanted.get(candidate, 0) - found[candidate]))
            found[candidate] += share
            left -= share
        found[candidates[-1]] += left
    units = {line: count for line, count in found.items() if count > 0}
    if not units:
        raise Rejected("This dispatch names no units of the order, so it was not shown at Mirakl.", code="no_lines")
    return units


def explained(error: Rejected, order: Row, carrier: Row) -> Rejected:
    """Mirakl's no, in view of the state that the order is in."""
    state = text(order.get("order_state"))
    sentence = NOT_NOW.get(state, error.sentence)
    detail = f"{error.detail}\nThe order is {state}; sent with carrier {carrier.get('code')!r}."
    return Rejected(sentence, detail=detail, exchange=error.exchange, code="not_shipping" if state in NOT_NOW else error.code, fields=error.fields)
