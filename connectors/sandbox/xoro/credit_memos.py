"""Credit memos, which is how returns look from outside: creditmemo/getcreditmemo and creditmemo/import."""

from __future__ import annotations

from flask import Response, request

from connectors.sandbox.xoro.answers import Refused, envelope, listed, positive
from connectors.sandbox.xoro.fields import NO_DATE, decimal, flag, moment, number, objects, part, sent_object, text, units, us_stamp
from connectors.sandbox.xoro.models import CreditMemo, Json
from connectors.sandbox.xoro.order_write import BY_NUMBER, item_of, store_of
from connectors.sandbox.xoro.stock import begin, listed_row, move
from connectors.sandbox.xoro.store import State

TEXTS = ("ThirdPartyRefNo", "ThirdPartySource", "CustomerName", "StoreName", "SaleStoreName", "InvoiceNumber", "CurrencyCode", "RefNo")
AMOUNTS = ("ShippingCreditAmount", "ThirdPartyTotalRefundAmount")
LINE_TEXTS = ("ItemNumber", "Description", "ReturnNotes")


def read(here: State) -> Response:
    asked, since = request.args, positive("since_id", 0)
    found = [
        memo
        for memo in here.credit_memos.values()
        if memo.id > since
        and asked.get("credit_memo_number", memo.number) == memo.number
        and asked.get("status", memo.status).lower() == memo.status.lower()
        and asked.get("ref_no", memo.header["RefNo"]) == memo.header["RefNo"]
    ]
    with_lines = flag(asked.get("include_lines", "true"))
    return listed(found, here.settings, render=lambda memo: memo_view(memo, with_lines=with_lines))


def memo_view(memo: CreditMemo, *, with_lines: bool) -> Json:
    """The same spellings as the import: lower case at the front, a y at the end."""
    header = {"Id": memo.id, "CreditMemoNumber": memo.number, "StatusName": memo.status, **memo.header}
    return {"creditMemoHeader": header} | ({"creditMemoItemLineArry": memo.lines} if with_lines else {})


def import_one(here: State) -> Response:
    """Books the credit, and puts units back on the shelf where a line says so. Nothing stops a second import of the same."""
    body = sent_object()
    header = read_header(here, part(body, "creditMemoHeader"))
    rows = objects(body.get("creditMemoItemLineArry") or [])
    if not rows:
        raise Refused("Credit memo has no lines.", 1061)
    store_id = store_of(here, header["StoreName"])
    lines = [read_line(here, row) for row in rows]
    memo = CreditMemo(here.next_id("credit_memo"), here.next_number("C"), header, lines, here.now())
    here.credit_memos[memo.id] = memo
    txn = begin(here, "credit", memo.number, source=header["ThirdPartySource"])
    for line in lines:
        back = sum(each["DeltaQty"] for each in line["InventoryLocChangeList"])
        if back:
            move(here, listed_row(here, here.by_item[line["ItemNumber"]], store_id), txn=txn, on_hand=back)
    return envelope(memo_view(memo, with_lines=True))


def read_header(here: State, sent: Json) -> Json:
    header: Json = {name: text(sent.get(name)) for name in TEXTS}
    if header["CustomerName"] not in here.customers:
        raise Refused("Customer not found.", 1001)
    if header["InvoiceNumber"] and not any(invoice.number == header["InvoiceNumber"] for invoice in here.invoices.values()):
        raise Refused(f"Invoice {header['InvoiceNumber']} not found.", 1062)
    header |= {name: number(decimal(sent.get(name) or 0)) for name in AMOUNTS}
    zone = here.settings.time_zone
    header["TxnDate"] = us_stamp(moment(sent["TxnDate"], zone=zone), zone=zone) if sent.get("TxnDate") else NO_DATE
    return header | {"ThirdPartyAdjustTotalFlag": flag(sent.get("ThirdPartyAdjustTotalFlag"))}


def read_line(here: State, row: Json) -> Json:
    item = item_of(here, text(row.get("ItemNumber")), BY_NUMBER)
    quantity = units(row.get("Qty", 0))
    if quantity <= 0:
        raise Refused(f"Quantity of item {item.number} must be greater than zero.", 1010)
    places = [{"LocationName": text(each.get("LocationName")), "DeltaQty": units(each.get("DeltaQty", 0))} for each in places_of(row)]
    discount = number(decimal(row.get("Discount") or 0))
    words = {name: text(row.get(name)) for name in LINE_TEXTS}
    return words | {"Qty": quantity, "DiscountTypeId": row.get("DiscountTypeId"), "Discount": discount, "InventoryLocChangeList": places}


def places_of(row: Json) -> list[Json]:
    return objects(row.get("InventoryLocChangeList") or [])
