"""Bulk imports: many entities in one call, done in the background, one import at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, g, jsonify, request

from connectors.sandbox.deposco import fields
from connectors.sandbox.deposco.answers import Refused, invalid
from connectors.sandbox.deposco.models import RETURN, SALES, Json
from connectors.sandbox.deposco.order_write import read_order, upsert
from connectors.sandbox.deposco.store import State, state

bp = Blueprint("deposco_bulk", __name__, url_prefix="/async")
KINDS = (SALES, RETURN)
MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Import:
    """One import, done at once and told about when its time has come."""

    company: str
    ends_at: datetime
    results: list[Json]


@bp.post("/bulkImports")
def start() -> tuple[Response, int]:
    here, body = state(), fields.sent()
    if len(request.get_data()) > MOST_BYTES:
        raise invalid("The request is larger than 10 MB")
    if body.get("entityType") not in KINDS:
        raise invalid(f"entityType [{body.get('entityType')}] is not supported")
    if any(each.ends_at > here.now() for each in here.bulk.values()):
        raise invalid("Another bulk import is running")
    rows = fields.objects(body.get("entities"), where="entities")
    id = f"{here.next_id('bulk'):04x}"
    results = [imported(here, row, type=body["entityType"]) for row in rows]
    here.bulk[id] = Import(g.company, here.now() + timedelta(seconds=here.settings.bulk_takes_s), results)
    return jsonify(request={"id": id}), 202


def imported(here: State, row: Json, *, type: str) -> Json:
    try:
        order, _ = upsert(here, read_order(here, row, type=type, permitted=g.company), at=here.now())
    except Refused as error:
        return {"businessKey": {"number": row.get("number")}, "status": "Failed", "errors": [{"errorMessage": error.message}]}
    return {"id": order.id, "businessKey": {"number": order.number}, "status": "Success"}


@bp.get("/<id>")
def progress(id: str) -> Response:
    here = state()
    found: Import | None = here.bulk.get(id)
    if found is None or found.company != g.company:
        raise Refused(404, f"Request with id = [{id}] not found")
    if found.ends_at > here.now():
        return jsonify(status="Processing", totalEntities=len(found.results), successes=0, failures=0, results=[])
    failures = sum(row["status"] == "Failed" for row in found.results)
    status = "Success" if not failures else "Failed" if failures == len(found.results) else "Partially Failed"
    successes = len(found.results) - failures
    return jsonify(status=status, totalEntities=len(found.results), successes=successes, failures=failures, results=found.results)
