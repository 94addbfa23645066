"""Asynchronous exports, of orders (OR13-15), offers (OF52-54) and the account (TL03-05): asked for, polled, fetched."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from connectors.sandbox.mirakl.answers import Args, Refused, number, stamp
from connectors.sandbox.mirakl.fields import boolean, count, read_moment, sent, text
from connectors.sandbox.mirakl.models import Export, Json, Offer
from connectors.sandbox.mirakl.offers import inactivity
from connectors.sandbox.mirakl.order_list import filters as order_filters
from connectors.sandbox.mirakl.order_list import sources as order_sources
from connectors.sandbox.mirakl.order_view import order_view
from connectors.sandbox.mirakl.store import Shop, shop, state
from connectors.sandbox.mirakl.transactions import filters as transaction_filters
from connectors.sandbox.mirakl.transactions import sources as transaction_sources
from connectors.sandbox.mirakl.transactions import transaction_view

bp = Blueprint("mirakl_exports", __name__, url_prefix="/api")
PAIRS = (("start_date", "end_date"), ("start_update_date", "end_update_date"))
TYPES = {"json": "application/json", "csv": "text/csv", "ndjson": "application/x-ndjson"}
Make = Callable[[datetime], list[bytes]]


def start(kind: str, make: Make, *, form: str = "json") -> Response:
    """Queue an export; it holds what is true at the moment when it is done."""
    here, mine = state(), shop()
    job = Export(here.uuid(), kind, here.now(), here.now(), form)
    mine.exports[job.id] = job

    def finish(at: datetime) -> None:
        job.files, job.status, job.updated_at = make(at), "COMPLETED", at

    here.later(here.settings.scaled(here.settings.import_wait_s), finish, start=job.created_at)
    return jsonify(tracking_id=job.id)


def progress(kind: str, tracking_id: str, path: str) -> Response:
    job = shop().exports.get(tracking_id)
    if job is None or job.kind != kind:
        raise Refused(404)
    shown: Json = {"status": job.status, "last_updated": stamp(job.updated_at)}
    base = f"{request.host_url.rstrip('/')}/api/{path}/{job.id}?file="
    urls = [f"{base}file{at}.{job.format}" for at in range(1, len(job.files) + 1)]
    return jsonify(shown | ({"urls": urls} if job.status == "COMPLETED" else {}))


def fetch(kind: str, tracking_id: str) -> Response:
    job = shop().exports.get(tracking_id)
    place = request.args.get("file", "").removeprefix("file").partition(".")[0]
    if job is None or job.kind != kind or not place.isdecimal() or not 1 <= int(place) <= len(job.files):
        raise Refused(404)
    return Response(job.files[int(place) - 1], mimetype=TYPES[job.format])


def chunk_size(body: Json) -> int:
    items = count(body, "items_per_chunk") or 1_000_000
    if not 10_000 <= items <= 1_000_000:
        raise Refused(400, "The field items_per_chunk must be between 10000 and 1000000")
    return items


def chunks(rows: list[Json], size: int) -> list[list[Json]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)] or [[]]


def as_args(body: Json, *, commas: bool) -> Args:
    """The body as the synchronous read would have it in its query."""
    pairs: list[tuple[str, str]] = []
    for name, value in body.items():
        values = value if isinstance(value, list) else [value]
        words = [str(each).lower() if isinstance(each, bool) else str(each) for each in values if each is not None]
        pairs += [(name, ",".join(words))] if commas else [(name, word) for word in words]
    return MultiDict(pairs)


@bp.post("/orders/async-export", endpoint="OR13")
def export_orders() -> Response:
    """One at a time for each shop; a pair of dates is required."""
    here, mine, body = state(), shop(), sent()
    if any(job.kind == "orders" and job.status == "PENDING" for job in mine.exports.values()):
        raise Refused(400, "An export is already running")
    whole = [pair for pair in PAIRS if all(body.get(name) for name in pair)]
    if not whole or any(bool(body.get(first)) != bool(body.get(second)) for first, second in PAIRS):
        raise Refused(400, "A start date and its end date are required")
    args, size, mode = as_args(body, commas=True), chunk_size(body), text(body, "order_tax_mode") or None
    tests = order_filters(args)

    def make(at: datetime) -> list[bytes]:
        rows = [order for order in order_sources(mine, args, overlap_s=0) if all(test(order) for test in tests)]
        shown = [order_view(order, here.settings, mode=mode) for order in rows]
        return [json.dumps({"orders": chunk}).encode() for chunk in chunks(shown, size)]

    return start("orders", make)


@bp.get("/orders/async-export/status/<tracking_id>", endpoint="OR14")
def orders_progress(tracking_id: str) -> Response:
    return progress("orders", tracking_id, "orders/async-export/file")


@bp.get("/orders/async-export/file/<tracking_id>", endpoint="OR15")
def orders_file(tracking_id: str) -> Response:
    return fetch("orders", tracking_id)


@bp.post("/offers/export/async", endpoint="OF52")
def export_offers() -> Response:
    """Everything, or what changed since `last_request_date`."""
    mine, body = shop(), sent()
    kind = text(body, "export_type") or "text/csv"
    if kind not in ("text/csv", "application/json"):
        raise Refused(400, "The field export_type is not valid")
    since = read_moment(body["last_request_date"], "last_request_date") if body.get("last_request_date") else None
    inactive, size = boolean(body, "include_inactive_offers"), chunk_size(body)
    if since and inactive:
        raise Refused(400, "include_inactive_offers is not allowed with last_request_date")
    wanted, form = [str(each) for each in body.get("include_fields") or []], "csv" if kind == "text/csv" else "json"

    def make(at: datetime) -> list[bytes]:
        chosen = [each for each in mine.offers.values() if (since is None and (inactive or not inactivity(each, mine))) or changed(each, since)]
        rows = [narrowed(exported(each, mine), wanted) for each in chosen]
        return [dumped(chunk, form) for chunk in chunks(rows, size)]

    return start("offers", make, form=form)


def changed(offer: Offer, since: datetime | None) -> bool:
    return since is not None and offer.updated_at >= since


def exported(offer: Offer, mine: Shop) -> Json:
    dates: Json = {"date_created": stamp(offer.created_at), "last_updated": stamp(offer.updated_at)}
    warehouses = [{"code": code, "quantity": units} for code, units in offer.levels.items()]
    return {
        "offer_id": offer.id,
        "shop_sku": offer.sku,
        "product_sku": offer.product_sku,
        "quantity": offer.quantity,
        "prices": [{"channel_code": None, "price": number(offer.price)}],
        "state_code": offer.state_code,
        "active": not inactivity(offer, mine),
        "deleted": False,
        "warehouses": warehouses,
        **dates,
    }


def narrowed(row: Json, wanted: list[str]) -> Json:
    return {name: value for name, value in row.items() if not wanted or name in wanted}


def dumped(rows: list[Json], form: str) -> bytes:
    """JSON as a bare array, or CSV whose columns are written with dashes."""
    if form == "json":
        return json.dumps(rows).encode()
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([name.replace("_", "-") for name in rows[0]] if rows else [])
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    return out.getvalue().encode()


def cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list) else str(value)


@bp.get("/offers/export/async/status/<tracking_id>", endpoint="OF53")
def offers_progress(tracking_id: str) -> Response:
    return progress("offers", tracking_id, "offers/export/async/file")


@bp.get("/offers/export/async/file/<tracking_id>", endpoint="OF54")
def offers_file(tracking_id: str) -> Response:
    return fetch("offers", tracking_id)


@bp.post("/sellerpayment/transactions_logs/async", endpoint="TL03")
def export_transactions() -> Response:
    here, mine, body = state(), shop(), sent()
    form = {"": "json", "JSON": "json", "NDJSON": "ndjson"}.get(text(body, "format"))
    if form is None:
        raise Refused(400, "The field format is not valid")
    args, size = as_args(body, commas=False), chunk_size(body)
    tests = transaction_filters(args)

    def make(at: datetime) -> list[bytes]:
        found = [each for each in transaction_sources(mine, args) if all(test(each) for test in tests)]
        rows = [transaction_view(each, mine, here.settings) for each in found]
        return [lines_of(chunk, form) for chunk in chunks(rows, size)]

    return start("transactions", make, form=form)


def lines_of(rows: list[Json], form: str) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode() if form == "ndjson" else json.dumps({"data": rows}).encode()


@bp.get("/sellerpayment/transactions_logs/async/status/<tracking_id>", endpoint="TL04")
def transactions_progress(tracking_id: str) -> Response:
    return progress("transactions", tracking_id, "sellerpayment/transactions_logs/export/async/file")


@bp.get("/sellerpayment/transactions_logs/export/async/file/<tracking_id>", endpoint="TL05")
def transactions_file(tracking_id: str) -> Response:
    return fetch("transactions", tracking_id)
