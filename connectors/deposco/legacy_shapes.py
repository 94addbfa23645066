"""The legacy API's flat orders and shipments, put into the shapes of the new API, so that both are read by one parser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.deposco.shapes import Row, exact, part, rows
from connectors.reading import text

LEGACY = "legacy"
TAKEN_BACK = frozenset({"rolled back", "canceled", "cancelled", "voided"})
NOT_GONE = frozenset({"new", "shipping", "open", "planned"})


def as_rest(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was gathered from the legacy API, in the new one's shapes; anything else as it is."""
    if body.get("api") != LEGACY:
        return body
    order = part(body, "order")
    number = text(order.get("number"))
    return {
        "order": order_as_rest(order),
        "lines": [line_as_rest(row) for row in rows(part(order, "orderLines").get("orderLine"))],
        "shipments": [shipment_as_rest(row, number=number) for row in rows(body.get("shipments"))],
        "told": body.get("told"),
    }


def order_as_rest(order: Mapping[str, Any]) -> Row:
    """An order is known by its number here."""
    waves = [row.get("pickWave") for row in rows(part(order, "orderLines").get("orderLine")) if row.get("pickWave")]
    return {
        "self": {"id": text(order.get("number"))},
        "number": order.get("number"),
        "orderStatus": order.get("status"),
        "businessUnit": {"businessKey": {"code": order.get("businessUnit")}},
        "orderSource": order.get("orderSource"),
        "tradingPartner": order.get("tradingPartner"),
        "pickWave": waves[0] if waves else None,
        "createdDate": order.get("createdDateTime"),
        "updatedDate": order.get("updatedDateTime"),
    }


def line_as_rest(row: Row) -> Row:
    return {
        "lineNumber": row.get("lineNumber"),
        "customerLineNumber": row.get("customerLineNumber"),
        "item": {"businessKey": {"number": row.get("itemNumber")}},
        "pack": {"businessKey": {"quantity": part(row, "pack").get("quantity")}},
        "orderPackQuantity": row.get("orderPackQuantity"),
        "canceledPackQuantity": row.get("canceledPackQuantity"),
    }


def shipment_as_rest(row: Row, *, number: str) -> Row:
    """A shipment as far as it concerns this order; its rows name a line, a package and the package's tracking number."""
    orders = rows(part(row, "orders").get("order"))
    mine = [line for order in orders if text(order.get("orderNumber")) == number for line in rows(part(order, "lines").get("line"))]
    return {
        "self": {"id": text(row.get("shipmentNumber"))},
        "number": row.get("shipmentNumber"),
        "status": status_of(row),
        "orderHeaders": {"data": [{"businessKey": {"number": order.get("orderNumber")}} for order in orders]},
        "shipFromFacility": {"businessKey": {"number": row.get("facility")}},
        "shipVendor": row.get("shipVendor"),
        "shipVia": row.get("shipVia"),
        "trackingNumber": row.get("trackingNumber"),
        "trackingUrl": row.get("trackingUrl"),
        "shipmentDates": {"actualShipDate": row.get("actualShipDate")},
        "updatedDate": row.get("actualShipDate"),
        "shipmentLines": {"data": [goods(line) for line in mine], "complete": True},
        "shippedContainers": {"data": packages(mine), "complete": True},
    }


def status_of(row: Mapping[str, Any]) -> str:
    word = text(row.get("shipmentStatus")) or text(row.get("shipmentCurrentStatus"))
    if word.lower() in TAKEN_BACK:
        return "Rolled Back"
    return "Shipped" if row.get("actualShipDate") and word.lower() not in NOT_GONE else word


def goods(line: Row) -> Row:
    return {
        "orderLine": {"businessKey": {"lineNumber": line.get("lineNumber")}},
        "externalLineNumber": line.get("customerLineNumber"),
        "item": {"businessKey": {"number": line.get("itemNumber")}},
        "shippedPackQuantity": line.get("shippedPackQuantity"),
    }


def packages(lines: list[Row]) -> list[Row]:
    """The lines by package; where packages have no names, by tracking number."""
    found: dict[str, list[Row]] = {}
    for line in lines:
        name = exact(line.get("container")) or exact(line.get("trackingNumber"))
        if name:
            found.setdefault(name, []).append(line)
    return [
        {"number": name, "trackingNumber": next((each.get("trackingNumber") for each in several if each.get("trackingNumber")), None),
         "shippedContainerLines": [goods(each) for each in several]}
        for name, several in found.items()
    ]  # fmt: skip
