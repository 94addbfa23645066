"""Companies, facilities and locations, the ledger of stock changes, and the log of receipts."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from flask import Blueprint, Response, g, request

from connectors.sandbox.deposco.answers import Refused, entity, invalid, item_ref, pack_ref, stamp
from connectors.sandbox.deposco.lists import after, listed, pooled, wanted
from connectors.sandbox.deposco.models import Adjustment, Json, Receipt
from connectors.sandbox.deposco.order_view import company_ref, facility_ref
from connectors.sandbox.deposco.orders import permitted
from connectors.sandbox.deposco.store import State, state

bp = Blueprint("deposco_reference", __name__)
LOCATION = "STOCK-01"  # the one location that every facility has


def add_company(here: State, code: str) -> Json:
    made = {"id": here.next_id("company"), "code": code, "name": code.title()}
    here.companies[code] = made
    return made


def add_facility(here: State, number: str, *, name: str = "") -> Json:
    if number not in here.facilities:
        here.facilities[number] = {"id": here.next_id("facility"), "number": number, "name": name or number}
    return here.facilities[number]


@bp.get("/companies")
def list_companies() -> Response:
    here = state()
    found = {each["id"]: each for each in here.companies.values() if each["code"] == g.company}
    return listed(here, lambda: sorted(found, reverse=True), render=lambda id: {"self": company_ref(here, found[id]["code"]), **shown(found[id])})


@bp.get("/facilities")
def list_facilities() -> Response:
    here = state()
    found = {each["id"]: each for each in here.facilities.values()}
    return listed(here, lambda: sorted(found, reverse=True), render=lambda id: {"self": facility_ref(here, found[id]["number"]), **shown(found[id])})


def shown(row: Json) -> Json:
    return {name: value for name, value in row.items() if name != "id"}


@bp.get("/locations")
def list_locations() -> Response:
    """One storage location for each facility; it has the facility's id."""
    here = state()
    found = {each["id"]: each["number"] for each in here.facilities.values()}
    return listed(
        here,
        lambda: sorted(found, reverse=True),
        render=lambda id: {
            "self": entity("locations", id, {"number": LOCATION, "facility.number": found[id]}),
            "number": LOCATION,
            "facility": facility_ref(here, found[id]),
        },
    )


@bp.get("/zones")
def list_zones() -> Response:
    return listed(state(), list, render=lambda id: {})


@bp.get("/inventory/inventoryAdjustments")
def list_adjustments() -> Response:
    """A ledger of changes, never a balance."""
    here = state()
    rows = {row.id: row for row in find_adjustments(here)}
    return listed(here, lambda: sorted(rows, reverse=True), render=lambda id: adjustment_view(here, rows.get(id) or by_id(here, id)))


def by_id(here: State, id: int) -> Adjustment:
    return here.adjustments[id - here.adjustments[0].id]


def find_adjustments(here: State) -> list[Adjustment]:
    if request.args.get("searchId"):
        return []  # the search remembers what it found
    resource = "inventoryAdjustments"
    unit, bound = permitted(here, resource), after(here, resource, "createdAfter")
    first = bisect_right(here.adjustments, bound, key=lambda row: row.at) if bound else 0
    asked = {name: wanted(here, resource, name) for name in ("actionType", "facilityNumber", "itemNumber")}
    return [row for row in here.adjustments[first:] if row.company == unit and fits(here, row, asked)]


def fits(here: State, row: Adjustment, asked: dict[str, str]) -> bool:
    own = {"actionType": row.action, "facilityNumber": row.facility, "itemNumber": here.items[row.item_id].number}
    return all(value in ("", own[name]) for name, value in asked.items())


def adjustment_view(here: State, row: Adjustment) -> Json:
    item = here.items[row.item_id]
    return {
        "self": entity("inventory/inventoryAdjustments", row.id, {}),
        "businessUnit": company_ref(here, row.company),
        "facility": facility_ref(here, row.facility),
        "item": item_ref(item),
        "pack": pack_ref(item, item.packs[0]),
        "quantity": row.quantity,
        "actionType": row.action,
        "inventoryStatus": "Available",
        "reasonCode": row.reason,
        "lotNumber": None,
        "serialNumber": None,
        "createdDate": stamp(row.at),
    }


@bp.get("/receipts")
def list_receipts() -> Response:
    """Only line by line; and the log may be empty although lines were received."""
    here = state()
    ids: dict[str, int] = {}
    for name in ("orderId", "orderLineId"):
        written = request.args.get(name, "")
        if not written.isdigit() and not request.args.get("searchId"):
            raise invalid(f"{name} is required")
        ids[name] = int(written) if written.isdigit() else 0
    return listed(here, lambda: find_receipts(here, **ids), render=lambda id: receipt_view(here, here.receipts[id]))


def find_receipts(here: State, orderId: int, orderLineId: int) -> list[int]:
    order = here.orders.get(orderId)
    if order is None or order.company != g.company:
        raise Refused(404, f"Order with id = [{orderId}] not found")
    bound = after(here, "receipts", "createdAfter") or after(here, "receipts", "updatedAfter")
    kept: list[Any] = here.receipts_of.get(orderLineId, []) if here.settings.receipts_log else []
    return pooled([kept], (), lambda id: here.receipts[id].order_id == orderId and (bound is None or here.receipts[id].at > bound))


def receipt_view(here: State, receipt: Receipt) -> Json:
    line = here.lines[receipt.line_id]
    item = here.items[line.item_id]
    pack = next(each for each in item.packs if each.id == line.pack_id)
    return {
        "self": entity("receipts", receipt.id, {"number": f"RCT-{receipt.id}"}),
        "number": f"RCT-{receipt.id}",
        "status": "Received",
        "receivedItem": item_ref(item),
        "receivedPack": pack_ref(item, pack),
        "receivedPackQuantity": receipt.packs,
        "damaged": receipt.damaged > 0,
        "receivedDamagedPackQuantity": receipt.damaged,
        "disposition": receipt.disposition,
        "orderLine": entity(f"orders/customerReturns/{receipt.order_id}/orderLines", line.id, {"lineNumber": line.number}),
        "createdDate": stamp(receipt.at),
        "updatedDate": stamp(receipt.at),
    }
