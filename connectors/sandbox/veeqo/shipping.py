"""The allocation and shipment endpoints."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify

from connectors.sandbox.veeqo.answers import Refused, empty, invalid, not_found
from connectors.sandbox.veeqo.fields import boolean, decimal, integer, mapping, objects, reference, sent, text
from connectors.sandbox.veeqo.fulfilment import (
    ALREADY_SHIPPED,
    Label,
    allocate,
    remove_allocation,
    reserve,
    resize,
    ship,
    unship,
)
from connectors.sandbox.veeqo.lifecycle import CANCELLED, unallocated
from connectors.sandbox.veeqo.models import Allocation, Json, Order
from connectors.sandbox.veeqo.order_view import allocation_view, order_view, short_shipment
from connectors.sandbox.veeqo.store import State, need, state

bp = Blueprint("veeqo_shipping", __name__)
REQUIRED = ("carrier_id", "notify_customer", "update_remote_order")
MEASURES = ("weight", "width", "height", "depth")
PACKAGE_TEXTS = ("weight_unit", "dimensions_unit", "package_provider", "package_selection_source")


def read_units(here: State, wanted: Json) -> dict[int, int]:
    """Units of each variant in `line_items_attributes`."""
    rows = objects(wanted.get("line_items_attributes"), name="Line items")
    if not rows:
        raise invalid("Line items can't be blank")
    units: dict[int, int] = {}
    for row in rows:
        sellable_id = need(here.sellables, row.get("sellable_id")).id
        quantity = integer(row.get("quantity"), name="Line items quantity")
        if quantity < 1:
            raise invalid("Line items quantity must be greater than 0")
        units[sellable_id] = units.get(sellable_id, 0) + quantity
    return units


def check_units(order: Order, units: dict[int, int], *, held: dict[int, int]) -> None:
    """The item has to be a line of the order and not allocated yet. That the stock is there is not asked."""
    free = unallocated(order)
    for sellable_id, quantity in units.items():
        if quantity > free[sellable_id] + held.get(sellable_id, 0):
            raise invalid("Line items are not available for allocation")


def own_allocation(here: State, order_id: int, id: int) -> tuple[Order, Allocation]:
    order, allocation = need(here.orders, order_id), need(here.allocations, id)
    if allocation.order_id != order.id:
        raise not_found()
    return order, allocation


@bp.post("/orders/<int:order_id>/allocations")
def create_allocation(order_id: int) -> tuple[Response, int]:
    """Answers with the whole order."""
    here, wanted = state(), sent("allocation")
    order = need(here.orders, order_id)
    warehouse = need(here.warehouses, wanted.get("warehouse_id"))
    units = read_units(here, wanted)
    if order.status == CANCELLED:
        raise invalid("Order is cancelled")
    check_units(order, units, held={})
    allocate(here, order, warehouse_id=warehouse["id"], units=units, by=g.user, at=here.now())
    return jsonify(order_view(here, order)), 201


@bp.put("/orders/<int:order_id>/allocations/<int:id>")
def edit_allocation(order_id: int, id: int) -> Response:
    """Answers with the allocation alone."""
    here, wanted = state(), sent("allocation")
    order, allocation = own_allocation(here, order_id, id)
    if allocation.shipment is not None:
        raise Refused(400, ALREADY_SHIPPED)
    held = {line.sellable_id: line.quantity for line in allocation.lines}
    warehouse_id = need(here.warehouses, wanted.get("warehouse_id", allocation.warehouse_id))["id"]
    units = read_units(here, wanted) if "line_items_attributes" in wanted else held
    check_units(order, units, held=held)
    if warehouse_id != allocation.warehouse_id:
        reserve(here, allocation, at=here.now(), sign=-1)
        allocation.warehouse_id = warehouse_id
        reserve(here, allocation, at=here.now(), sign=1)
    resize(here, order, allocation, units, at=here.now())
    return jsonify(allocation_view(here, allocation))


@bp.delete("/orders/<int:order_id>/allocations/<int:id>")
def delete_allocation(order_id: int, id: int) -> Response:
    """Answers with the whole order. The vendor notes that all allocations go: a setting."""
    here = state()
    order, allocation = own_allocation(here, order_id, id)
    gone = [allocation]
    if here.settings.delete_allocation == "all":
        gone += [each for each in order.allocations if each is not allocation and each.shipment is None]
    for each in gone:
        remove_allocation(here, order, each, at=here.now())
    return jsonify(order_view(here, order))


@bp.put("/allocations/<int:id>/allocation_package")
def edit_package(id: int) -> Response | tuple[Response, int]:
    """The parcel's measures; what is no number is 422."""
    here, wanted = state(), sent("allocation_package")
    allocation = need(here.allocations, id)
    try:
        measures = {name: float(decimal(wanted[name], name=name)) for name in MEASURES if name in wanted}
    except Refused as refused:
        raise Refused(422, refused.messages) from refused
    allocation.package |= measures | {name: text(wanted[name]) for name in PACKAGE_TEXTS if name in wanted}
    shown = allocation_view(here, allocation)["allocation_package"]
    attributes = {name: value for name, value in shown.items() if name != "id"}
    return jsonify(id=str(shown["id"]), type="allocation_package", attributes=attributes)


@bp.post("/shipments")
def create_shipment() -> tuple[Response, int]:
    """Ships a whole allocation: no lines are named. Without a tracking number, `tracking_number` is null."""
    here = state()
    outer = sent()
    wanted = mapping(outer.get("shipment", outer), name="Shipment")
    missing = [name for name in REQUIRED if wanted.get(name) is None]
    if missing:
        raise invalid(*(f"{name.replace('_', ' ').capitalize()} can't be blank" for name in missing))
    carrier = need(here.carriers, wanted["carrier_id"])
    ids = wanted | outer
    _, allocation = own_allocation(here, reference(ids.get("order_id")), reference(ids.get("allocation_id")))
    tracking = wanted.get("tracking_number_attributes")
    number = text(mapping(tracking, name="Tracking number").get("tracking_number")) if tracking else None
    told, pushed = boolean(wanted["notify_customer"]), boolean(wanted["update_remote_order"])
    label = Label(carrier["id"], number or None, notify_customer=told, update_remote_order=pushed)
    made = ship(here, allocation, label, by=g.user, at=here.now())
    return jsonify(short_shipment(here, made)), 201


@bp.delete("/shipments/<int:id>")
def delete_shipment(id: int) -> Response:
    here = state()
    unship(here, need(here.shipments, id), at=here.now())
    return empty(204)


@bp.get("/shipping/tracking_events/<int:id>")
def tracking_events(id: int) -> Response:
    """Carrier scans exist only for labels bought in Veeqo; every shipment here was labelled elsewhere."""
    need(state().shipments, id)
    return jsonify([])
