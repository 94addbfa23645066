"""wave/getwave, and the calls on waves that only exist where their path is set: void, and ship confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import Response, request

from connectors.sandbox.xoro import confirming, waves
from connectors.sandbox.xoro.answers import Refused, cut, empty_list, envelope, invalid
from connectors.sandbox.xoro.confirming import Parcel, Shipment
from connectors.sandbox.xoro.fields import decimal, flag, moment, objects, text, units, us_stamp
from connectors.sandbox.xoro.models import Confirmation, Json, Wave
from connectors.sandbox.xoro.order_write import BY_NUMBER, item_of, named_order
from connectors.sandbox.xoro.store import State


def read(here: State) -> Response:
    """Two parallel lists, one place for each order of each wave; pages are cut by waves."""
    if here.oddities.take("empty_read"):
        return empty_list(1)
    shown, page, pages = cut(found(here), here.settings)
    pairs = [(here.waves[wave_id], order_id) for wave_id in shown for order_id in here.waves[wave_id].order_ids]
    names = [{"OrderNumber": here.orders[order_id].number} for _, order_id in pairs]
    if here.oddities.take("uneven_wave_lists"):
        names = names[:-1]
    return envelope({"WaveData": [wave_view(here, wave) for wave, _ in pairs], "OrderData": names}, page=page, total_pages=pages)


def found(here: State) -> Sequence[int]:
    number, status = request.args.get("wave_number"), request.args.get("status", "").lower()
    if number:
        id = here.wave_numbers.get(number)
        return [id] if id and status in ("", here.waves[id].status.lower()) else []
    if status:
        return here.waves_by_status[status].ids if status in here.waves_by_status else []
    return list(here.waves)


def wave_view(here: State, wave: Wave) -> Json:
    whole = {"WaveNumber": wave.number, "StatusName": wave.status, "StoreName": here.store_name(wave.store_id)}
    return {name: value for name, value in whole.items() if name in here.settings.wave_fields}


def named_wave(here: State, number: str) -> Wave:
    found = here.wave_numbers.get(number)
    if found is None:
        raise Refused(f"Wave {number} not found.", 1021)
    return here.waves[found]


def void(here: State, given: Json) -> Response:
    """Proposed: `{"WaveNumber": "…"}`."""
    wave = named_wave(here, text(given.get("WaveNumber")))
    waves.void(here, wave, at=here.now())
    return envelope(wave_view(here, wave))


def confirm(here: State, given: Json) -> Response:
    """Proposed: wave, order, date, carrier, whether it is the last one, and packages with tracking number and items."""
    wave, order = named_wave(here, text(given.get("WaveNumber"))), named_order(here, text(given.get("OrderNumber")))
    told = confirming.confirm(here, wave, order, read_shipment(here, given), at=here.now())
    return envelope(confirmation_view(here, told))


def read_shipment(here: State, given: Json) -> Shipment:
    packages = objects(given.get("Packages") or [])
    if not packages:
        raise Refused("Shipment has no packages.", 1035)
    zone = here.settings.time_zone
    return Shipment(
        parcels=tuple(read_parcel(here, package) for package in packages),
        ship_date=moment(given["ShipDate"], zone=zone) if given.get("ShipDate") else here.now(),
        carrier=text(given.get("CarrierName")),
        service=text(given.get("ShipServiceName")),
        cost=decimal(given["ShippingCost"]) if given.get("ShippingCost") is not None else Decimal(0),
        final=flag(given.get("FinalShipment")),
    )


def read_parcel(here: State, package: Json) -> Parcel:
    counted: dict[int, int] = {}
    for row in objects(package.get("Items") or []):
        item = item_of(here, text(row.get("ItemNumber")), units(row.get("ItemIdentifierCode") or BY_NUMBER))
        quantity = units(row.get("Qty", 0))
        if quantity <= 0:
            raise invalid()
        counted[item.id] = counted.get(item.id, 0) + quantity
    if not counted:
        raise Refused("Package has no items.", 1036)
    return Parcel(text(package.get("TrackingNumber")), counted, decimal(package.get("Weight") or 0))


def confirmation_view(here: State, told: Confirmation) -> Json:
    return {
        "WaveNumber": told.wave_number,
        "OrderNumber": told.order_number,
        "WaveStatusName": here.waves[here.wave_numbers[told.wave_number]].status,
        "OrderStatusName": here.orders[here.by_number[told.order_number]].status,
        "ShipDate": us_stamp(told.ship_date, zone=here.settings.time_zone),
        "CarrierName": told.carrier,
        "ShipServiceName": told.service,
    }
