"""Outbound shipments over REST: what left, package by package."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify

from connectors.sandbox.deposco.answers import Refused, entity, item_ref, nested, pack_ref, stamp
from connectors.sandbox.deposco.lists import listed, pooled, since, wanted
from connectors.sandbox.deposco.models import SALES, Container, Item, Json, Line, Pack, Shipment
from connectors.sandbox.deposco.order_view import PATHS, company_ref, facility_ref
from connectors.sandbox.deposco.orders import detail, permitted
from connectors.sandbox.deposco.store import State, state

bp = Blueprint("deposco_shipments", __name__, url_prefix="/shipments/outboundShipments")
TRACK_AT = "https://carrier.example/track?n="
PACK_WEIGHT_LB = 0.4
COST = 5.7


def shipment_view(here: State, shipment: Shipment) -> Json:
    order = here.orders[shipment.order_id]
    cut, path = here.settings.nested_cut, f"shipments/outboundShipments/{shipment.id}"
    pieces = sum(sum(each.packs.values()) for each in shipment.containers)
    header = {"id": order.id, "businessKey": {"number": order.number}, "href": entity(PATHS[SALES], order.id, {})["href"]}
    return {
        "self": entity("shipments/outboundShipments", shipment.id, {"number": shipment.number}),
        "businessUnit": company_ref(here, shipment.company),
        "number": shipment.number,
        "status": shipment.status,
        "orderHeaders": {"data": [header], "complete": True},
        "shipFromFacility": facility_ref(here, shipment.facility),
        "shipVendor": shipment.carrier,
        "shipVia": shipment.service,
        "shipMethod": order.fields.get("shipMethod"),
        "trackingNumber": shipment.tracking,
        "trackingUrl": TRACK_AT,
        "shipToContact": order.fields.get("shipToContact"),
        "shipToAddress": order.fields.get("shipToAddress"),
        "shipmentDates": {"actualShipDate": stamp(shipment.shipped_at)},
        "totalPackages": len(shipment.containers),
        "totalPieces": pieces,
        "totalWeight": weight(pieces),
        "importReference": order.fields.get("importReference"),
        "shippingCosts": {"shippingCost": round(COST * len(shipment.containers), 2), "currencyCode": "USD"},
        "shipmentLines": nested(shipment.line_ids(), lambda id: line_view(here, shipment, id), cut=cut, path=f"{path}/shipmentLines"),
        "shippedContainers": nested(
            list(enumerate(shipment.containers)),
            lambda row: container_view(here, shipment, row[0], row[1]),
            cut=cut,
            path=f"{path}/shippedContainers",
        ),
        "createdDate": stamp(shipment.created_at),
        "updatedDate": stamp(shipment.updated_at),
    }


def weight(packs: int) -> Json:
    return {"value": round(PACK_WEIGHT_LB * packs, 2), "units": "lb"}


def goods(here: State, line_id: int) -> tuple[Line, Item, Pack]:
    line = here.lines[line_id]
    item = here.items[line.item_id]
    return line, item, next(each for each in item.packs if each.id == line.pack_id)


def external_number(here: State, line: Line, *, first: bool) -> str:
    """The channel's line number: often blank, most of all in the packages after the first."""
    how = here.settings.external_line_numbers
    filled = how == "filled" or (how == "mixed" and first)
    return str(line.fields.get("customerLineNumber", "")) if filled else ""


def line_view(here: State, shipment: Shipment, line_id: int) -> Json:
    line, item, pack = goods(here, line_id)
    path = f"{PATHS[SALES]}/{line.order_id}/orderLines"
    return {
        "number": str(shipment.line_ids().index(line_id) + 1),
        "orderLine": entity(path, line.id, {"lineNumber": line.number}),
        "item": item_ref(item),
        "pack": pack_ref(item, pack),
        "orderPackQuantity": line.ordered,
        "shippedPackQuantity": shipment.packs(line_id, shipped=True),
        "canceledPackQuantity": line.canceled,
        "shortagePackQuantity": line.sum("short"),
        "externalLineNumber": external_number(here, line, first=True),
    }


def container_view(here: State, shipment: Shipment, place: int, container: Container) -> Json:
    rows: list[Json] = []
    for line_id, packs in container.packs.items():
        line, item, _ = goods(here, line_id)
        sent = packs if container.status == "Shipped" else 0
        external = external_number(here, line, first=place == 0)
        rows.append({"item": item_ref(item), "shippedPackQuantity": sent, "externalLineNumber": external})
    return {
        "number": container.number,
        "lpnNumber": container.lpn,
        "status": container.status,
        "trackingNumber": container.tracking,
        "returnTrackingNumber": None,
        "ssccLPNNumber": f"00012345{container.number[2:].zfill(12)}",
        "weight": weight(sum(container.packs.values())),
        "sequence": place + 1,
        "sequenceTotal": len(shipment.containers),
        "shippedContainerLines": rows,
    }


@bp.get("")
def list_shipments() -> Response:
    here = state()
    return listed(here, lambda: find(here), render=lambda id: shipment_view(here, here.shipments[id]))


def find(here: State) -> list[int]:
    resource = "outboundShipments"
    unit = permitted(here, resource)
    journals = {"createdAfter": here.shipments_created, "updatedAfter": here.shipments_changed, "shippedAfter": here.shipments_sent}
    pools: list[Any] = since(here, resource, journals)
    if number := wanted(here, resource, "shipmentNumber"):
        id = number.removeprefix("SHP-")
        pools.append([int(id)] if id.isdigit() and int(id) in here.shipments else [])
    if number := wanted(here, resource, "orderNumber"):
        order = here.find_order(unit, SALES, number)
        pools.append(order.shipment_ids if order else [])
    if number := wanted(here, resource, "customerOrderNumber"):
        ids = here.by_customer_number.get((unit, number), {})
        pools.append([shipment_id for id in ids for shipment_id in here.orders[id].shipment_ids])
    status = wanted(here, resource, "shipmentStatus")
    return pooled(pools, here.shipments_of[unit], lambda id: here.shipments[id].company == unit and status in ("", here.shipments[id].status))


def shipment_of(here: State, id: int) -> Shipment:
    shipment = here.shipments.get(id)
    if shipment is None or shipment.company != g.company:
        raise Refused(404, f"Outbound Shipment with id = [{id}] not found")
    return shipment


@bp.get("/<int:id>")
def one_shipment(id: int) -> Response:
    here = state()
    return jsonify(detail(here, "outboundShipment", shipment_view(here, shipment_of(here, id))))


@bp.get("/<int:id>/shipmentLines")
def list_shipment_lines(id: int) -> Response:
    here = state()
    shipment = shipment_of(here, id)
    return listed(here, lambda: sorted(shipment.line_ids(), reverse=True), render=lambda line_id: line_view(here, shipment, line_id))
