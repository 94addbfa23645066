"""Orders, shipments and items as the legacy API shows them: flat, and in other words than REST."""

from __future__ import annotations

from connectors.sandbox.deposco.legacy_answers import stamp
from connectors.sandbox.deposco.lifecycle import line_status
from connectors.sandbox.deposco.models import Item, Json, Line, Order, Shipment
from connectors.sandbox.deposco.shipments import COST, PACK_WEIGHT_LB, TRACK_AT
from connectors.sandbox.deposco.store import State

WORDS = {  # the REST status -> the legacy word; what is not here reads the same
    "Draft": "Planned",
    "Hold": "Suspended",
    "Ready for Fulfillment": "Ready",
    "Wave Built": "Planned",
    "Partially Released": "Released",
    "Pick Complete": "Picking",
    "Partially Staged": "Packing",
    "Staged": "Packed",
    "Partially Loaded": "Packed",
    "Loaded": "Packed",
    "Partially Shipped": "Open",
    "Ship Complete": "Complete",
}
HEADER = {  # legacy name -> REST name, where the value is the same
    **{name: name for name in ("orderPriority", "otherReferenceNumber", "importReference", "customerOrderNumber", "orderSource")},
    **{name: name for name in ("shipVendor", "shipVia", "shipMethod", "placedDate", "plannedShipDate", "orderTaxTotal", "orderTotal")},
    "orderSubTotal": "orderSubtotal",
    "orderShipTotal": "orderShippingTotal",
    **{f"customAttribute{at}": f"customAttribute{at}" for at in range(1, 8)},
}
ADDRESS = {"addressLine1": "line1", "addressLine2": "line2", "addressLine3": "line3", "city": "city"}
ADDRESS |= {"stateProvinceCode": "stateProvince", "postalCode": "postalCode", "countryCode": "country"}
PRICES = ("unitPrice", "discountAmount", "taxCost")


def word(status: str) -> str:
    return WORDS.get(status, status)


def order_view(here: State, order: Order) -> Json:
    return {
        "businessUnit": order.company,
        "facility": order.facility,
        "number": order.number,
        "type": order.type,
        "status": word(order.status),
        "tradingPartner": None,
        **{legacy: order.fields.get(rest) for legacy, rest in HEADER.items()},
        "shipToAddress": address(order, "shipTo"),
        "billToAddress": address(order, "billTo"),
        "notes": {"note": order.fields.get("notes", [])},
        "orderLines": {"orderLine": [line_view(here, order, line) for line in order.lines]},
        "createdDateTime": stamp(here, order.created_at),
        "updatedDateTime": stamp(here, order.updated_at),
    }


def address(order: Order, kind: str) -> Json | None:
    contact, place = order.fields.get(f"{kind}Contact", {}), order.fields.get(f"{kind}Address", {})
    if not contact and not place:
        return None
    name = " ".join(contact[part] for part in ("firstName", "lastName") if contact.get(part))
    own = {"name": name, "contactName": name, "attention": None, "email": contact.get("email"), "phone": contact.get("phone")}
    return own | {legacy: place.get(rest) for legacy, rest in ADDRESS.items()}


def line_view(here: State, order: Order, line: Line) -> Json:
    item = here.items[line.item_id]
    pack = next(each for each in item.packs if each.id == line.pack_id)
    allocated = line.sum("allocated")
    return {
        "lineNumber": line.number,
        "customerLineNumber": line.fields.get("customerLineNumber"),
        "lineStatus": line_status(order, line),
        "itemNumber": item.number,
        "pack": {"type": pack.type, "quantity": pack.quantity, "weight": pack.own.get("weight", {}).get("weight")},
        "orderPackQuantity": line.ordered,
        "canceledPackQuantity": line.canceled,
        "shippedPackQuantity": line.sum("shipped"),
        "allocatedQuantity": allocated,
        "unallocatedQuantity": line.open - line.sum("shipped") - allocated,
        "pickedPackQuantity": line.sum("picked"),
        "backordered": line.back_ordered != "Not Back Ordered",
        "pickWave": order.wave,
        **{name: line.fields.get(name) for name in PRICES},
    }


def shipment_view(here: State, shipment: Shipment) -> Json:
    order = here.orders[shipment.order_id]
    packs = sum(shipment.packs(line_id) for line_id in shipment.line_ids())
    return {
        "shipmentNumber": shipment.number,
        "shipmentStatus": shipment.status,
        "shipmentCurrentStatus": shipment.status,
        "shipVendor": shipment.carrier,
        "shipVia": shipment.service,
        "actualShipDate": stamp(here, shipment.shipped_at),
        "trackingNumber": shipment.tracking,
        "trackingUrl": TRACK_AT,
        "shippingCost": round(COST * len(shipment.containers), 2),
        "weight": round(PACK_WEIGHT_LB * packs, 2),
        "totalPackages": len(shipment.containers),
        "lpnNumber": shipment.containers[0].lpn if shipment.containers else None,
        "facility": shipment.facility,
        "businessUnit": shipment.company,
        "orders": {"order": [{**heading(order), "lines": {"line": package_lines(here, shipment)}}]},
    }


def heading(order: Order) -> Json:
    number = order.fields.get("customerOrderNumber")
    return {"orderNumber": order.number, "customerOrderNumber": number, "orderType": order.type, "orderStatus": word(order.status)}


def package_lines(here: State, shipment: Shipment) -> list[Json]:
    """One row for each line in each package, with the package's own tracking number."""
    rows = []
    for container in shipment.containers:
        for line_id, packs in container.packs.items():
            line = here.lines[line_id]
            rows.append(
                {
                    "lineNumber": line.number,
                    "customerLineNumber": line.fields.get("customerLineNumber"),
                    "itemNumber": here.items[line.item_id].number,
                    "orderPackQuantity": line.ordered,
                    "shippedPackQuantity": packs if container.status == "Shipped" else 0,
                    "canceledPackQuantity": line.canceled,
                    "shortagePackQuantity": line.sum("short"),
                    "trackingNumber": container.tracking,
                    "lotNumber": None,
                    "serialNumber": None,
                    "container": container.number,
                }
            )
    return rows


def digest_view(here: State, order: Order) -> Json:
    """The short form of the status calls."""
    lines = [{name: value for name, value in line_view(here, order, line).items() if name not in PRICES} for line in order.lines]
    sent = [here.shipments[id] for id in order.shipment_ids]
    rows = [
        {
            "shipmentNumber": each.number,
            "shipmentStatus": each.status,
            "carrier": each.carrier,
            "method": each.service,
            "trackingNumber": each.tracking,
            "actualShipDate": stamp(here, each.shipped_at),
            "shippingCost": round(COST * len(each.containers), 2),
            "lines": {"line": package_lines(here, each)},
        }
        for each in sent
    ]
    return {
        "orderNumber": order.number,
        "orderStatus": word(order.status),
        "orderType": order.type,
        "lines": {"line": lines},
        "shipments": {"shipment": rows},
    }


def item_view(item: Item) -> Json:
    packs = [{"type": pack.type, "quantity": pack.quantity, "upcs": {"upc": list(pack.upcs)}} for pack in item.packs]
    own = {name: item.own.get(name) for name in ("name", "shortDescription", "unitPrice")}
    return {"businessUnit": item.company, "number": item.number, **own, "packs": {"pack": packs}}
