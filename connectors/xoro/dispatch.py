"""Telling Xoro of a dispatch, where the connection names the call: no public reference shows it, so it is off until set.

Behaviour kept whatever the call is (https://docs.xorosoft.com): order and wave are updated; with multishipment disabled the first
confirmation is final and the rest of the wave is let go; otherwise lines stay open until everything has shipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.canonical import DispatchNotice, Done, Parcel, ShipmentLine
from connectors.errors import ContractError, RateLimited, Rejected
from connectors.reading import load, text
from connectors.xoro.client import Client
from connectors.xoro.dates import us_text
from connectors.xoro.envelope import Row
from connectors.xoro.items import Items
from connectors.xoro.lines import named, units
from connectors.xoro.memory import Shipped, forget, recall, remember
from connectors.xoro.orders import lines_of, status_of, waves_of
from connectors.xoro.paths import path_of
from connectors.xoro.waves import Waves, is_open

UPC_CODE = 2  # ItemIdentifierCode of a UPC
ENDED = {"cancelled": "cancelled", "canceled": "cancelled"}


class Dispatcher:
    """Writes dispatches of one tenant."""

    def __init__(self, client: Client) -> None:
        self.client, self.settings, self.tokens = client, client.settings, client.http.tokens

    def confirm(self, notice: DispatchNotice) -> Done:
        """`found` when Xoro shows these units as shipped by an earlier attempt of ours, or has nothing left to ship of them."""
        if notice.shipment.cancelled:
            raise Rejected("This dispatch was taken back, so it was not told to Xoro.", code="dispatch_cancelled")
        number = notice.order_reference
        path = path_of(self.settings, "ship_confirm", order=number)
        row = self.known(number)
        rows = {text(line.get("Id")): line for line in lines_of(row, order=number)}
        wanted = units_by_line(notice.shipment.lines, rows, order=number)
        if self.is_there(notice, wanted, rows):
            return Done(number, found=True, warnings=("Xoro shows these units as shipped already; its tracking number was not changed.",))
        wave = self.wave(notice)
        body = self.body(notice, wave, rows)
        before = shipped_now(rows, order=number)
        name = self.name(notice)
        remember(self.tokens, name, before)
        try:
            self.client.write(path.replace("{wave_number}", wave), body, what=f"the shipment of sales order {number}")
        except (Rejected, RateLimited):
            forget(self.tokens, name, before)
            raise
        return Done(number, warnings=warnings(notice))

    def name(self, notice: DispatchNotice) -> str:
        return f"xoro:{self.client.account.key}:shipped-before:{notice.key}"

    def known(self, number: str) -> Row:
        row = self.client.order(number)
        if row is None:
            raise Rejected(f"Xoro does not know the sales order {number}, so its dispatch cannot be told there.", code="unknown_order")
        if status_of(row).lower() in ENDED:
            raise Rejected("Xoro has cancelled this order, so its dispatch cannot be told there: stop the parcel if it can be stopped.", code="ended")
        return Items(self.client).add_codes(row)

    def is_there(self, notice: DispatchNotice, wanted: Shipped, rows: Mapping[str, Row]) -> bool:
        """By what was shipped before our first attempt; without that memory, by what is left to ship."""
        number = notice.order_reference
        now, before = shipped_now(rows, order=number), recall(self.tokens, self.name(notice))
        if before is not None:
            if all(now[line] >= before.get(line, 0) + count for line, count in wanted.items()):
                return True
            if any(now[line] != before.get(line, 0) for line in wanted):
                raise Rejected(
                    f"Xoro shows other shipped quantities for {number} than before this dispatch was first sent, so it was not sent again.",
                    detail=f"before {before}, now {now}, dispatch {wanted}",
                    code="unclear_shipment",
                )
            return False
        left = {line: units(each, "Qty", what=line) - now[line] - units(each, "CancelQty", what=line) for line, each in rows.items()}
        if all(left[line] <= 0 for line in wanted):
            return True
        short = [named(rows[line], number) for line, count in wanted.items() if left[line] < count]
        if short:
            raise Rejected(f"More was shipped than Xoro has left to ship of {', '.join(short)}.", detail=str(left), code="too_many")
        return False

    def wave(self, notice: DispatchNotice) -> str:
        """The one open wave of the order; several cannot be told apart, because Xoro does not say which units are on which."""
        found = [text(each.get("WaveNumber")) for each in seen_waves(notice) if is_open(each)]
        if len(found) != 1:
            found = [place.wave for place in Waves(self.client).of_order(notice.order_reference)]
        if not found:
            raise Rejected("This order is on no open wave in Xoro, so its dispatch cannot be confirmed there. Confirm it in Xoro.", code="no_wave")
        if len(found) > 1:
            sentence = (
                f"This order is on several open waves ({', '.join(found)}), and Xoro does not tell which units are on which. Confirm it in Xoro."
            )
            raise Rejected(sentence, code="several_waves")
        return found[0]

    def body(self, notice: DispatchNotice, wave: str, rows: Mapping[str, Row]) -> Row:
        shipment, number = notice.shipment, notice.order_reference
        packages = [
            {
                "TrackingNumber": parcel.tracking_number,
                "Items": [self.item(rows[line], count) for line, count in units_by_line(lines, rows, order=number).items()],
            }
            for parcel, lines in parcels_of(notice)
        ]
        return {
            "WaveNumber": wave,
            "OrderNumber": number,
            "ShipDate": us_text(shipment.shipped_at or datetime.now(UTC), zone=self.settings.zone),
            "CarrierName": shipment.carrier_code,
            "ShipServiceName": shipment.service_code,
            "FinalShipment": notice.final or notice.complete,
            "Packages": packages,
        }

    def item(self, line: Row, count: int) -> Row:
        """The item under the connection's identifier; by its number where it has no UPC."""
        code = text(line.get("ItemUpc"))
        if self.settings.by_upc and code:
            return {"ItemNumber": code, "ItemIdentifierCode": UPC_CODE, "Qty": count}
        return {"ItemNumber": text(line.get("ItemNumber")), "Qty": count}


def seen_waves(notice: DispatchNotice) -> list[Row]:
    """Those in the order's body as the caller has it."""
    try:
        return waves_of(load(notice.seen, what="order")) if notice.seen else []
    except ContractError:
        return []


def shipped_now(rows: Mapping[str, Row], *, order: str) -> Shipped:
    return {line: units(row, "QtyShipped", what=named(row, order)) for line, row in rows.items()}


def units_by_line(lines: tuple[ShipmentLine, ...], rows: Mapping[str, Row], *, order: str) -> Shipped:
    """Units by the order's own lines: by the line's id, else by its SKU when only one line has it."""
    found: Counter[str] = Counter()
    for line in lines:
        by_sku = [id for id, row in rows.items() if line.sku and line.sku in (text(row.get("ItemNumber")), text(row.get("ItemUpc")))]
        mine = line.order_line if line.order_line in rows else by_sku[0] if len(by_sku) == 1 else ""
        if not mine:
            sentence = (
                f"Sales order {order} in Xoro has no line, or several, for {line.sku or 'an item without a SKU'}, so this dispatch was not sent."
            )
            raise Rejected(sentence, code="unknown_line", fields=(line.sku,))
        found[mine] += line.quantity
    return dict(found)


def parcels_of(notice: DispatchNotice) -> list[tuple[Parcel, tuple[ShipmentLine, ...]]]:
    """Parcels with what is in them; one for all units where that is not told of each, because no unit may be counted twice."""
    parcels, lines = notice.shipment.parcels, notice.shipment.lines
    inside = Counter(line.order_line or line.sku for parcel in parcels for line in parcel.lines for _ in range(line.quantity))
    outside = Counter(line.order_line or line.sku for line in lines for _ in range(line.quantity))
    if parcels and all(parcel.lines for parcel in parcels) and inside == outside:
        return [(parcel, parcel.lines) for parcel in parcels]
    tracked = next((parcel for parcel in parcels if parcel.tracking_number), Parcel(""))
    return [(tracked, lines)]


def warnings(notice: DispatchNotice) -> tuple[str, ...]:
    numbers = [parcel.tracking_number for parcel in notice.shipment.parcels if parcel.tracking_number]
    told = [parcel.tracking_number for parcel, _ in parcels_of(notice)]
    left = [number for number in dict.fromkeys(numbers) if number not in told]
    return (f"Xoro was told one parcel only; these tracking numbers were not told: {', '.join(left)}.",) if left else ()
