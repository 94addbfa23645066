"""Deliveries and parcels of an order as shipments, and the shippings of an order in both shipping modes.

https://docs.commercetools.com/api/projects/orders#delivery
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.canonical import Parcel, Shipment, ShipmentLine
from connectors.commercetools.values import Body, exact, mapping, objects
from connectors.reading import decimal, moment_or_none, text, whole


@dataclass(frozen=True)
class Shipping:
    """One shipping of an order; `key` is "" with shippingMode Single and the shippingKey with Multiple."""

    key: str
    info: Body
    address: Body

    @property
    def deliveries(self) -> list[Body]:
        return objects(self.info.get("deliveries"))


def shippings(order: Body) -> tuple[Shipping, ...]:
    """Where shipping information is: on the order (Single), or in its list of shippings (Multiple)."""
    if order.get("shippingMode") != "Multiple":
        info = mapping(order.get("shippingInfo"))
        return (Shipping("", info, mapping(order.get("shippingAddress"))),) if info else ()
    return tuple(
        Shipping(text(entry.get("shippingKey")), mapping(entry.get("shippingInfo")), mapping(entry.get("shippingAddress")))
        for entry in objects(order.get("shipping"))
    )


def parse_shipments(order: Body) -> tuple[Shipment, ...]:
    skus = {text(line.get("id")): exact(mapping(line.get("variant")).get("sku")) for line in objects(order.get("lineItems"))}
    return tuple(parse_delivery(delivery, skus) for shipping in shippings(order) for delivery in shipping.deliveries)


def parse_delivery(delivery: Body, skus: Mapping[str, str]) -> Shipment:
    """A delivery; its reference is its key where it has one. Parcels that carry a return label are not part of the dispatch."""
    sent = [parcel for parcel in objects(delivery.get("parcels")) if not mapping(parcel.get("trackingData")).get("isReturn")]
    carriers = (text(mapping(parcel.get("trackingData")).get("carrier")) for parcel in sent)
    return Shipment(
        reference=text(delivery.get("key")) or text(delivery.get("id")),
        lines=parse_items(delivery, skus),
        parcels=tuple(parse_parcel(parcel, skus) for parcel in sent),
        carrier_code=next((carrier for carrier in carriers if carrier), ""),
        shipped_at=moment_or_none(delivery.get("createdAt"), what="createdAt of a delivery"),
    )


def parse_parcel(parcel: Body, skus: Mapping[str, str]) -> Parcel:
    weight = mapping(parcel.get("measurements")).get("weightInGram")
    return Parcel(
        reference=text(parcel.get("key")) or text(parcel.get("id")),
        tracking_number=text(mapping(parcel.get("trackingData")).get("trackingId")),
        lines=parse_items(parcel, skus),
        weight_g=None if weight is None else int(decimal(weight, what="weight of a parcel")),
    )


def parse_items(holder: Body, skus: Mapping[str, str]) -> tuple[ShipmentLine, ...]:
    return tuple(
        ShipmentLine(skus.get(text(item.get("id")), ""), whole(item.get("quantity"), what="quantity of a delivery item"), text(item.get("id")))
        for item in objects(holder.get("items"))
    )
