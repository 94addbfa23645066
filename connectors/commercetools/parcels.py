"""Parcels of a delivery: their keys, drafts, and the tracking that comes late."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from connectors.canonical import Parcel, Shipment, ShipmentLine
from connectors.commercetools.values import Body, exact, mapping, objects
from connectors.reading import text

KEY = re.compile(r"[A-Za-z0-9_-]{2,256}")
LONGEST = 200


def safe_key(wanted: str) -> str:
    """The wanted key where commercetools allows it; else the nearest allowed one, told apart by a digest of the wanted."""
    if KEY.fullmatch(wanted):
        return wanted
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', wanted)[:LONGEST]}-{digest}"


def parcel_drafts(shipment: Shipment, delivery_key: str, units: dict[str, int], *, order: Body, provider: str) -> list[dict[str, Any]]:
    """Drafts of the parcels with units of this delivery; their keys come out the same whenever they are computed."""
    drafts = []
    for position, parcel in enumerate(shipment.parcels, 1):
        items = parcel_items(parcel.lines, units, order) if parcel.lines else (dict(units) if len(shipment.parcels) == 1 else {})
        if parcel.lines and not items:
            continue
        draft: dict[str, Any] = {"key": safe_key(f"{delivery_key}-{parcel.reference or f'p{position}'}")}
        tracking = tracking_data(parcel, shipment, provider)
        draft |= {"measurements": {"weightInGram": parcel.weight_g}} if parcel.weight_g else {}
        draft |= {"trackingData": tracking} if tracking else {}
        draft |= {"items": [{"id": line, "quantity": quantity} for line, quantity in items.items()]} if items else {}
        drafts.append(draft)
    return drafts


def parcel_items(lines: tuple[ShipmentLine, ...], units: dict[str, int], order: Body) -> dict[str, int]:
    """The parcel's units by line item, as far as they are in this delivery."""
    skus = {text(item.get("id")): exact(mapping(item.get("variant")).get("sku")) for item in objects(order.get("lineItems"))}
    left, found = dict(units), dict[str, int]()
    for line in lines:
        wanted = line.quantity
        for candidate in [line.order_line] if line.order_line else [item for item in units if skus.get(item) == line.sku]:
            part = min(wanted, left.get(candidate, 0))
            if part > 0:
                found[candidate] = found.get(candidate, 0) + part
                left[candidate] -= part
                wanted -= part
    return found


def tracking_data(parcel: Parcel, shipment: Shipment, provider: str) -> dict[str, Any]:
    """https://docs.commercetools.com/api/projects/orders#trackingdata; there is no field for a tracking page."""
    carrier = shipment.carrier_code or shipment.carrier_label
    told = {"trackingId": parcel.tracking_number, "carrier": carrier}
    told = {name: value for name, value in told.items() if value}
    if not told:
        return {}
    source = {"provider": provider, "providerTransaction": shipment.reference} if provider else {}
    return {**told, **{name: value for name, value in source.items() if value}, "isReturn": False}


def late_parcel_actions(delivery: Body, drafts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the delivery's parcels lack of the drafts; nothing is taken away."""
    parcels = objects(delivery.get("parcels"))
    by_key = {text(parcel.get("key")): parcel for parcel in parcels if parcel.get("key")}
    keys = {draft["key"] for draft in drafts}
    numbers = {tracking_id(parcel) for parcel in parcels}
    blank = [parcel for parcel in parcels if not tracking_id(parcel) and text(parcel.get("key")) not in keys]
    actions = []
    for draft in drafts:
        number = draft.get("trackingData", {}).get("trackingId", "")
        known = by_key.get(draft["key"])
        if known is None and number in numbers - {""}:
            continue
        if known is None and number and blank:
            known = blank.pop(0)
        action = add_parcel(delivery, draft) if known is None else set_tracking(known, draft)
        actions += [action] if action else []
    return actions


def tracking_id(parcel: Body) -> str:
    return text(mapping(parcel.get("trackingData")).get("trackingId"))


def add_parcel(delivery: Body, draft: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in draft.items() if name != "key"}
    return {"action": "addParcelToDelivery", "deliveryId": text(delivery.get("id")), "parcelKey": draft["key"], **rest}


def set_tracking(parcel: Body, draft: dict[str, Any]) -> dict[str, Any]:
    """Replaces the whole object, so what stood in it and is not ours stays; {} when it says the same already."""
    shown = dict(mapping(parcel.get("trackingData")))
    wanted = draft.get("trackingData", {})
    if not wanted or all(shown.get(name) == value for name, value in wanted.items() if name in ("trackingId", "carrier")):
        return {}
    return {"action": "setParcelTrackingData", "parcelId": text(parcel.get("id")), "trackingData": {**shown, **wanted}}
