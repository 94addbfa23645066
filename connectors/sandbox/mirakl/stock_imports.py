"""STO01, STO02, STO03: files of quantities, worked off later, with a report on the lines that failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, jsonify

from connectors.sandbox.mirakl.answers import Refused, stamp
from connectors.sandbox.mirakl.models import Import, Json, Offer
from connectors.sandbox.mirakl.sheets import parse, report, uploaded
from connectors.sandbox.mirakl.store import Shop, State, shop, state

bp = Blueprint("mirakl_stock_imports", __name__, url_prefix="/api/offers/stock/imports")
COLUMNS = ("offer-sku", "quantity", "warehouse-code", "update-delete")
MOST = 1_000_000_000
INTEGER = re.compile(r"-?[0-9]{1,18}")
FINAL = ("COMPLETE", "FAILED")


@bp.before_request
def off_where_it_is_missing() -> None:
    if not state().settings.stock_imports:
        raise Refused(404)


@bp.post("", endpoint="STO01")
def take_file() -> tuple[Response, int]:
    here, mine = state(), shop()
    header, rows = parse(uploaded())
    job = Import(here.uuid(), "STO01", here.now(), header, rows)
    mine.stock_imports[job.id] = job
    run_later(here, job, lambda at: work(here, mine, job, at=at))
    answer = jsonify(import_id=job.id)
    answer.headers["Location"] = f"/api/offers/stock/imports/{job.id}/status"
    return answer, 201


def run_later(here: State, job: Import, act: Callable[[datetime], None]) -> None:
    """WAITING for a while, RUNNING as long again, then the work at once. Nothing changes before."""
    wait = here.settings.scaled(here.settings.import_wait_s)

    def start(at: datetime) -> None:
        job.status = "RUNNING"
        here.later(wait, act, start=at)

    here.later(wait, start, start=job.created_at)


def work(here: State, mine: Shop, job: Import, *, at: datetime) -> None:
    if "offer-sku" not in job.header or "quantity" not in job.header:
        job.status, job.rows = "FAILED", []
        return
    places = {name: job.header.index(name) for name in COLUMNS if name in job.header}
    for number, row in job.rows:
        cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
        why = take_line(here, mine, cells, at=at)
        if why:
            job.failures.append((number, why, row))
        else:
            job.ok += 1
    job.status, job.rows = "COMPLETE", []


def take_line(here: State, mine: Shop, cells: dict[str, str], *, at: datetime) -> str:
    """Set one quantity; the reason if the line cannot be taken."""
    sku, action, warehouse = cells["offer-sku"], cells.get("update-delete", "").lower(), cells.get("warehouse-code", "")
    why = fault(here, sku, action=action, warehouse=warehouse)
    if why:
        return why
    offer = mine.by_sku.get(sku)
    if offer is None:
        return "The offer does not exist"
    if action == "delete":
        set_quantity(offer, warehouse, None, at=at)
        return ""
    units = quantity(cells["quantity"])
    if isinstance(units, str):
        return units
    set_quantity(offer, warehouse, units, at=at)
    return ""


def fault(here: State, sku: str, *, action: str, warehouse: str) -> str:
    if not sku:
        return "The offer-sku is required"
    if len(sku) > 40 or "/" in sku:
        return "The offer-sku must have at most 40 characters and no '/'"
    if action not in ("", "update", "delete"):
        return f"The value '{action}' of update-delete is not valid"
    if warehouse and warehouse not in here.settings.warehouses:
        return f"The warehouse '{warehouse}' does not exist"
    return ""


def quantity(written: str) -> int | str:
    """The number, or what is wrong with it."""
    if not written:
        return "The quantity is required"
    if not INTEGER.fullmatch(written):
        return f"The quantity '{written}' is not an integer"
    units = int(written)
    return units if 0 <= units <= MOST else f"The quantity must be between 0 and {MOST}"


def set_quantity(offer: Offer, warehouse: str, units: int | None, *, at: datetime) -> None:
    """A global quantity, or one warehouse's share of it; None takes it away."""
    if not warehouse:
        offer.levels, offer.quantity = {}, units or 0
    else:
        offer.levels.pop(warehouse, None)
        if units is not None:
            offer.levels[warehouse] = units
        offer.quantity = sum(offer.levels.values())
    offer.updated_at = at
    offer.publications += 1


def find_import(id: str) -> Import:
    job = shop().stock_imports.get(id)
    if job is None:
        raise Refused(404, f"Import with id {id} does not exist")
    return job


@bp.get("/<import_id>/status", endpoint="STO02")
def status(import_id: str) -> Response:
    job = find_import(import_id)
    shown: Json = {"import_id": job.id, "shop_id": shop().id, "status": job.status, "date_created": stamp(job.created_at)}
    if job.status in FINAL:
        shown |= {"has_error_report": bool(job.failures), "lines_in_success": job.ok, "lines_in_error": len(job.failures)}
    return jsonify(shown)


@bp.get("/<import_id>/error_report", endpoint="STO03")
def error_report(import_id: str) -> Response:
    return report(find_import(import_id), first=True, oddities=state().oddities)
