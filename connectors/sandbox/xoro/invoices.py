"""Invoices: one follows each confirmed shipment, and proves it. The shape of a row is proposed by analogy with the orders'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from flask import Response, request

from connectors.sandbox.xoro.answers import listed, positive
from connectors.sandbox.xoro.fields import flag, number, us_stamp
from connectors.sandbox.xoro.lifecycle import changed
from connectors.sandbox.xoro.models import Invoice, Json, Order
from connectors.sandbox.xoro.store import State


def bill(here: State, order: Order, units: dict[int, int], tracking: list[str], at: datetime) -> Invoice:
    made = Invoice(here.next_id("invoice"), here.next_number("I"), order.id, units, tracking, at)
    here.invoices[made.id] = made
    here.invoices_of[order.id].append(made.id)
    billed = sum(sum(here.invoices[id].units.values()) for id in here.invoices_of[order.id])
    order.invoiced = billed >= sum(line.shipped for line in order.lines)
    changed(here, order, at=at)
    return made


def read(here: State) -> Response:
    found = [here.invoices[id] for id in candidates(here) if wanted(here, here.invoices[id])]
    header_only = flag(request.args.get("header_only"))
    return listed(found, here.settings, render=lambda invoice: view(here, invoice, header_only=header_only))


def candidates(here: State) -> Sequence[int]:
    """Every invoice in order, or those of the order asked for."""
    number, ref = request.args.get("so_number"), request.args.get("third_party_ref_no")
    if number:
        return here.invoices_of.get(here.by_number.get(number, 0), [])
    if ref:
        return [id for order_id in here.by_ref.get(ref, []) for id in here.invoices_of.get(order_id, [])]
    return list(here.invoices)


def wanted(here: State, invoice: Invoice) -> bool:
    asked, order = request.args, here.orders[invoice.order_id]
    shipped = bool(invoice.units)
    return (
        invoice.id > positive("since_id", 0)
        and asked.get("invoice_number", invoice.number) == invoice.number
        and asked.get("status", invoice.status).lower() == invoice.status.lower()
        and asked.get("so_ref_no", order.header.get("RefNo", "")) == order.header.get("RefNo", "")
        and (not asked.get("has_shipment") or flag(asked["has_shipment"]) is shipped)
    )


def view(here: State, invoice: Invoice, *, header_only: bool) -> Json:
    order = here.orders[invoice.order_id]
    lines = [line for line in order.lines if line.id in invoice.units]
    header: Json = {
        "Id": invoice.id,
        "InvoiceNumber": invoice.number,
        "SoNumber": order.number,
        "SoRefNo": order.header.get("RefNo", ""),
        "ThirdPartyRefNo": order.header.get("ThirdPartyRefNo", ""),
        "StatusName": invoice.status,
        "CustomerName": order.header.get("CustomerName", ""),
        "TxnDate": us_stamp(invoice.created_at, zone=here.settings.time_zone),
        "CurrencyCode": order.header.get("CurrencyCode", "USD"),
        "TotalAmount": number(sum((line.price * invoice.units[line.id] for line in lines), start=Decimal(0))),
        "TrackingNumber": ",".join(invoice.tracking),
    }
    if header_only:
        return {"InvoiceHeader": header}
    rows = [{"ItemNumber": here.items[line.item_id].number, "Qty": invoice.units[line.id], "UnitPrice": number(line.price)} for line in lines]
    return {"InvoiceHeader": header, "InvoiceItemLineArr": rows}
