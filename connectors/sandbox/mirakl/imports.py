"""OF01, OF24, OF02, OF03, OF04: offers by file or by JSON, worked off later, with a report on what failed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from connectors.sandbox.mirakl.answers import Refused, stamp
from connectors.sandbox.mirakl.fields import amount, count, moment, objects, one_of, repeated, sent, text, wrong
from connectors.sandbox.mirakl.models import Import, Json
from connectors.sandbox.mirakl.offer_rows import field_name, remove, take_row
from connectors.sandbox.mirakl.seek import asked, direction, place_of, seek_page
from connectors.sandbox.mirakl.sheets import parse, report, uploaded
from connectors.sandbox.mirakl.stock_imports import run_later
from connectors.sandbox.mirakl.store import Shop, State, shop, state

bp = Blueprint("mirakl_imports", __name__, url_prefix="/api/offers")
MODES = ("NORMAL", "REPLACE", "PARTIAL_UPDATE")
TEXTS = ("shop_sku", "product_id", "product_id_type", "state_code", "update_delete", "logistic_class", "description", "internal_description")
COUNTS = ("quantity", "leadtime_to_ship", "min_quantity_alert", "min_order_quantity", "max_order_quantity", "package_quantity")
STATUSES = ("WAITING_SYNCHRONIZATION_PRODUCT", "WAITING", "RUNNING", "COMPLETE", "FAILED", "QUEUED")
MOST_OFFERS = 50_000  # not published


@bp.post("/imports", endpoint="OF01")
def take_file() -> tuple[Response, int]:
    data, mode = uploaded(), request.form.get("import_mode", "")
    if mode not in MODES:
        raise Refused(400, "The field import_mode is required.")
    header, rows = parse(data)
    return queue("OF01", data, header, rows, mode=mode)


@bp.post("", endpoint="OF24")
def take_json() -> tuple[Response, int]:
    """The same by JSON; wrong types are refused at once, everything else in the report."""
    offers = objects(sent(), "offers", most=MOST_OFFERS)
    for offer in offers:
        check_types(offer)
    header = list(dict.fromkeys(name for offer in offers for name in offer))
    return queue("OF24", request.get_data(), header, list(enumerate(offers, start=1)), mode="NORMAL")


def check_types(offer: Json) -> None:
    for name in TEXTS:
        text(offer, name, path="offers.")
    for name in COUNTS:
        count(offer, name, path="offers.")
    amount(offer, "price", path="offers.")
    if not isinstance(offer.get("discount", {}), dict | None):
        raise wrong("offers.discount")


def queue(kind: str, data: bytes, header: list[str], rows: list[Any], *, mode: str) -> tuple[Response, int]:
    """A new import, or the one that the same content started a moment ago."""
    here, mine = state(), shop()
    at, print_ = here.now(), hashlib.sha256(kind.encode() + mode.encode() + data).hexdigest()
    seen_at, id = mine.recent_imports.get(print_, (at, 0))
    if not id or seen_at + timedelta(seconds=here.settings.duplicate_window_s) <= at:
        id = here.next_id("import")
        job = Import(id, kind, at, header, rows, mode=mode)
        mine.imports[id] = job
        mine.recent_imports[print_] = (at, id)
        run_later(here, job, lambda moment: work(here, mine, job, at=moment))
    answer = jsonify({"import_id": id} | ({"product_import_id": id + 1} if request.form.get("with_products") == "true" else {}))
    answer.headers["Location"] = f"/api/offers/imports/{id}"
    return answer, 201


def work(here: State, mine: Shop, job: Import, *, at: datetime) -> None:
    resets = job.kind == "OF24"
    if not resets and "sku" not in job.header:
        job.status, job.reason, job.rows = "FAILED", "The file could not be read: the column sku is missing", []
        return
    names = [field_name(column) for column in job.header]
    mentioned = set()
    for at_line, row in job.rows:
        read = row if resets else dict(zip(names, row, strict=False))
        mentioned.add(str(read.get("shop_sku") or ""))
        why = take_row(here, mine, job, read, at=at, resets=resets)
        if why:
            job.failures.append((at_line, why, [str(row.get(name, "")) for name in job.header] if resets else row))
        else:
            job.ok += 1
    if job.mode == "REPLACE":
        replace_all(mine, job, mentioned)
    job.status, job.rows = "COMPLETE", []


def replace_all(mine: Shop, job: Import, mentioned: set[str]) -> None:
    """REPLACE deletes every offer that the file does not name."""
    for offer in [each for each in mine.offers.values() if each.sku not in mentioned]:
        remove(mine, offer)
        job.deleted += 1


def find_import(id: int) -> Import:
    job = shop().imports.get(id)
    if job is None:
        raise Refused(404, f"Import with id {id} does not exist")
    return job


@bp.get("/imports/<int:import_id>", endpoint="OF02")
def status(import_id: int) -> Response:
    return jsonify(import_view(find_import(import_id)))


def import_view(job: Import) -> Json:
    shown: Json = {
        "import_id": job.id,
        "status": job.status,
        "mode": job.mode,
        "type": "MIRAKL",
        "origin": "API",
        "date_created": stamp(job.created_at),
        "has_error_report": bool(job.failures),
        "lines_read": job.ok + len(job.failures),
        "lines_in_success": job.ok,
        "lines_in_error": len(job.failures),
        "lines_in_pending": len(job.rows),
        "offer_inserted": job.inserted,
        "offer_updated": job.updated,
        "offer_deleted": job.deleted,
    }
    return shown | ({"reason_status": job.reason} if job.reason else {})


@bp.get("/imports/<int:import_id>/error_report", endpoint="OF03")
def error_report(import_id: int) -> Response:
    return report(find_import(import_id), first=False, oddities=state().oddities)


@bp.get("/imports", endpoint="OF04")
def list_imports() -> Response:
    args = asked()
    statuses, modes = one_of(repeated(args, "status"), "status", allowed=STATUSES), repeated(args, "mode")
    start, end = moment(args, "start_date"), moment(args, "end_date")
    _, descending = direction(args, allowed=("dateCreated",), default="dateCreated,DESC")
    found = [
        job
        for job in shop().imports.values()
        if (not statuses or job.status in statuses)
        and (not modes or job.mode in modes)
        and (start is None or job.created_at >= start)
        and (end is None or job.created_at <= end)
    ]
    return seek_page(found, args, place=lambda job: place_of(job.created_at, f"{job.id:012d}"), render=import_view, descending=descending)
