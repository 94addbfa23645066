"""OR31 writes an order's custom fields (200 even on error); OR07 the origin of its lines."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from connectors.sandbox.mirakl.fields import objects, sent, text
from connectors.sandbox.mirakl.lifecycle import touch
from connectors.sandbox.mirakl.models import Json
from connectors.sandbox.mirakl.orders import find_order
from connectors.sandbox.mirakl.reference import FIELDS
from connectors.sandbox.mirakl.store import shop, state

bp = Blueprint("mirakl_custom_fields", __name__, url_prefix="/api/orders")
Errors = list[Json]


@bp.put("/<order_id>/additional_fields", endpoint="OR31")
def write_fields(order_id: str) -> Response:
    """Only what is sent changes; null or an empty string clears."""
    mine = shop()
    order, body = find_order(mine, order_id), sent()
    errors: Errors = check(body.get("order_additional_fields"), "ORDER", path="order_additional_fields")
    lines = {line.id: line for line in order.lines}
    line_items = [item for item in body.get("order_lines") or [] if isinstance(item, dict)]
    for item in line_items:
        if item.get("order_line_id") not in lines:
            errors.append({"code": "ORDER_LINE_NOT_FOUND", "field": "order_lines.order_line_id", "message": "Order line not found"})
        errors += check(item.get("order_line_additional_fields"), "ORDER_LINE", path="order_lines.order_line_additional_fields")
    if errors:
        return jsonify(order_update_errors={"errors": errors, "input": body})
    order.fields = merged(order.fields, body.get("order_additional_fields") or [])
    for item in line_items:
        line = lines[item["order_line_id"]]
        line.fields = merged(line.fields, item.get("order_line_additional_fields") or [])
    touch(mine, order, at=state().now(), lines=[lines[item["order_line_id"]] for item in line_items])
    shown = [{"order_line_id": line.id, "order_line_additional_fields": line.fields} for line in order.lines]
    return jsonify(order_update_result={"order_additional_fields": order.fields, "order_lines": shown})


def check(written: Any, entity: str, *, path: str) -> Errors:
    errors: Errors = []
    known = {field["code"]: field for field in FIELDS if field["entity"] == entity}
    for each in written or []:
        field = known.get(each.get("code")) if isinstance(each, dict) else None
        if field is None:
            errors.append({"code": "ADDITIONAL_FIELD_NOT_FOUND", "field": path, "message": "The custom field does not exist"})
        elif not field["editable"]:
            errors.append({"code": "ADDITIONAL_FIELD_NOT_EDITABLE", "field": path, "message": f"{field['code']} cannot be changed"})
        elif not fits(each.get("value"), str(field["type"])):
            errors.append({"code": "ADDITIONAL_FIELD_INVALID", "field": path, "message": f"The value of {field['code']} is not valid"})
    return errors


def fits(value: Any, kind: str) -> bool:
    """A value is a string, except a list of several, which is an array of strings."""
    if value is None or value == "":
        return True
    return isinstance(value, list) if kind == "MULTIPLE_VALUES_LIST" else isinstance(value, str)


def merged(old: list[Json], written: list[Json]) -> list[Json]:
    values = {each["code"]: each for each in old}
    for each in written:
        if each.get("value") in (None, ""):
            values.pop(each["code"], None)
        else:
            kind = next(field["type"] for field in FIELDS if field["code"] == each["code"])
            values[each["code"]] = {"code": each["code"], "type": kind, "value": each["value"]}
    return list(values.values())


@bp.put("/shipping_from", endpoint="OR07")
def set_origin() -> Response:
    """Up to 100 lines; 200 with the errors of each inside."""
    mine, answers = shop(), []
    for item in objects(sent(), "order_lines", most=100):
        id = text(item, "order_line_id", path="order_lines.", must=True)
        order = mine.orders.get(mine.line_orders.get(id, ""))
        if order is not None:
            line = next(each for each in order.lines if each.id == id)
            line.origin = item.get("shipping_from") if isinstance(item.get("shipping_from"), dict) else None
            touch(mine, order, at=state().now(), lines=[line])
        missing = [{"code": "ORDER_LINE_NOT_FOUND", "field": "order_line_id", "message": "Order line not found"}]
        answers.append({"order_line_id": id, "errors": missing if order is None else []})
    return jsonify(updated_order_lines=answers)
