"""Sales orders and customer returns as the REST API shows them."""

from __future__ import annotations

from connectors.sandbox.deposco.answers import entity, item_ref, nested, pack_ref, stamp
from connectors.sandbox.deposco.lifecycle import line_status
from connectors.sandbox.deposco.models import RETURN, SALES, Json, Line, Order
from connectors.sandbox.deposco.store import State

PATHS = {SALES: "orders/salesOrders", RETURN: "orders/customerReturns"}


def company_ref(here: State, code: str) -> Json:
    return entity("companies", here.companies[code]["id"], {"code": code})


def facility_ref(here: State, name: str) -> Json:
    return entity("facilities", here.facilities[name]["id"], {"number": name})


def order_ref(order: Order) -> Json:
    return entity(PATHS[order.type], order.id, {"number": order.number, "businessUnit.code": order.company})


def order_view(here: State, order: Order) -> Json:
    path = f"{PATHS[order.type]}/{order.id}"
    cut = here.settings.nested_cut
    shown: Json = {
        "self": order_ref(order),
        "businessUnit": company_ref(here, order.company),
        "number": order.number,
        "type": order.type,
        "orderStatus": status_word(here, order),
        **order.fields,
        "orderLines": nested(order.lines, lambda line: line_view(here, order, line), cut=cut, path=f"{path}/orderLines"),
        "createdDate": stamp(order.created_at),
        "updatedDate": stamp(order.updated_at),
    }
    return shown | (sales_fields(here, order, path) if order.type == SALES else return_fields(here, order))


def status_word(here: State, order: Order) -> str:
    return "Awaiting Appointment" if here.oddities.take("unknown_status") else order.status


def sales_fields(here: State, order: Order, path: str) -> Json:
    """What only sales orders have; a shipment's reference may point at its trip, so only its id is good."""
    refs = [{"id": id, "businessKey": {"number": f"SHP-{id}"}, "href": entity("trips", id, {})["href"]} for id in order.shipment_ids]
    released = order.status not in ("Draft", "New", "Hold", "Ready for Fulfillment", "Wave Built", "Back Ordered", "Canceled")
    shown: Json = {
        "pickWave": order.wave,
        "postReleaseState": "Post Release Completed" if released else "DEFAULT",
        "customerOrderHeaders": [{"id": order.id + 900_000}] if order.customer_order else [],
        "shipments": nested(refs, dict, cut=here.settings.nested_cut, path=f"{path}/shipments"),
    }
    if order.facility:
        shown["shipFromFacility"] = facility_ref(here, order.facility)
    return shown


def return_fields(here: State, order: Order) -> Json:
    shown: Json = {"shipToFacility": facility_ref(here, order.facility)} if order.facility else {}
    if order.parent_id is not None:
        shown["parentOrder"] = order_ref(here.orders[order.parent_id])
    return shown


def line_view(here: State, order: Order, line: Line) -> Json:
    item = here.items[line.item_id]
    pack = next(each for each in item.packs if each.id == line.pack_id)
    shown: Json = {
        "self": entity(f"{PATHS[order.type]}/{order.id}/orderLines", line.id, {"lineNumber": line.number}),
        "lineNumber": line.number,
        "item": item_ref(item),
        "pack": pack_ref(item, pack),
        "orderPackQuantity": line.ordered,
        "canceledPackQuantity": line.canceled,
        "orderLineStatus": line_status(order, line),
        **line.fields,
        "createdDate": stamp(line.created_at),
        "updatedDate": stamp(line.updated_at),
    }
    if order.type == RETURN:
        return shown | {"receivedPackQuantity": line.received, "receivedDamagedPackQuantity": line.damaged, "inventoryCondition": None}
    allocated = line.sum("allocated")
    return shown | {
        "pickedPackQuantity": line.sum("picked"),
        "shippedPackQuantity": line.sum("shipped"),
        "allocatedQuantity": allocated,
        "unallocatedQuantity": line.open - line.sum("shipped") - allocated,
        "shortagePackQuantity": line.sum("short"),
        "returnedPackQuantity": line.returned,
        "preallocated": False,
        "isBackOrdered": line.back_ordered,
    }
