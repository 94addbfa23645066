"""A sales order as the vendor shows it: header and lines, in either spelling, as narrow or as wide as asked."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from connectors.sandbox.xoro.fields import NO_DATE, number, us_day, with_text_numbers
from connectors.sandbox.xoro.lifecycle import line_status
from connectors.sandbox.xoro.models import Json, Line, Order
from connectors.sandbox.xoro.store import State

ADDRESS = ("FirstName", "LastName", "CompanyName", "Addr", "Addr2", "City", "State", "Country", "ZpCode", "PhoneNumber", "Email")
ADDRESS_FIELDS = tuple(f"{who}{part}" for who in ("BillTo", "ShipTo") for part in ADDRESS)
TEXT_FIELDS = (
    *("CustomerName", "CustomerFullName", "CustomerPO", "StoreName", "SaleStoreName", "CurrencyCode", "PaymentTermsName", "Memo", "Tags", "RefNo"),
    *("ThirdPartyRefNo", "ThirdPartyRefName", "ThirdPartySource", "ThirdPartyDisplayName", "ThirdPartyIconUrl"),
    *("CarrierName", "ShipServiceName", "ShipMethodName", "ShippingTermsName", "ShippingNotes", "OrderTypeName", "OrderClassName"),
    *("SalesRepId", "WaveAllocationCode", *ADDRESS_FIELDS),
)
DATE_FIELDS = ("DateOrder", "DateToBeShipped", "LastDateToBeShipped", "DateToBeCancelled")
FLAG_FIELDS = ("AutoWaveSalesOrder", "AutoReleaseSalesOrder", "AutoCreateCarrierFlag", "ApplyPricingRule")
CUSTOM_HEADER = tuple(f"CustomFieldH{at}" for at in range(1, 51))
CUSTOM_LINE = tuple(f"CustomFieldD{at}" for at in range(1, 51))
LINE_TEXTS = ("ItemTypeName", "DiscountTypeName", "DateToBeShipped", "Notes")
EMPTY_HEADER: Json = dict.fromkeys(TEXT_FIELDS, "") | dict.fromkeys(DATE_FIELDS, NO_DATE) | dict.fromkeys(FLAG_FIELDS, False)
OTHER_HEADER = {"DateOrder": "OrderDate"}
OTHER_LINE = {"Qty": "QtyOrdered", "QtyAllocated": "QtyCommitted", "LineAmount": "TotalAmount"}
HEADER_NUMBERS = ("TotalAmount", "ShippingCost")
LINE_NUMBERS = ("Qty", "QtyShipped", "QtyRemainingToShip", "QtyAllocated", "CancelQty", "UnitPrice", "EffectiveUnitPrice", "Discount", "LineAmount")


def order_view(here: State, order: Order) -> Json:
    header, lines = header_view(here, order), [line_view(here, order, line) for line in order.lines]
    settings = here.settings
    if here.oddities.left:
        disfigure(here, header, lines)
    if settings.text_numbers and order.id % 2:
        with_text_numbers(header, HEADER_NUMBERS)
        for line in lines:
            with_text_numbers(line, LINE_NUMBERS)
    if settings.spelling == "QtyOrdered":
        header, lines = respelled(header, OTHER_HEADER), [respelled(line, OTHER_LINE) for line in lines]
    if settings.wide_rows:
        share = settings.row_bytes // (50 * (1 + len(lines)))
        header = wide_header(share) | header
        lines = [wide_line(share) | line for line in lines]
    return {"SoEstimateHeader": header, "SoEstimateItemLineArr": lines}


def header_view(here: State, order: Order) -> Json:
    given = order.header
    shipping = given.get("ShippingCost", Decimal(0))
    total = sum((line.price * line.qty for line in order.lines), start=shipping)
    own: Json = {
        "CustomerFullName": given.get("CustomerName", ""),
        "DateOrder": us_day(order.created_at, zone=here.settings.time_zone),
        "CurrencyCode": "USD",
    }
    derived = {"TotalAmount": number(total), "ShippingCost": number(shipping), "StoreName": here.store_name(order.store_id)}
    first = {"Id": order.id, "OrderNumber": order.number, "StatusName": order.status, "CustomerId": here.customers.get(given.get("CustomerName", ""))}
    return first | EMPTY_HEADER | own | given | derived


def line_view(here: State, order: Order, line: Line) -> Json:
    item = here.items[line.item_id]
    amount = number(line.price * line.qty)
    return {
        "Id": line.id,
        "ItemNumber": item.number,
        "ItemIdentifierCode": line.identifier,
        "ItemTypeName": "Inventory",
        "BasePartNumber": here.products[item.product_id].base,
        "Option1Value": item.own.get("Option1Value", ""),
        "Option2Value": item.own.get("Option2Value", ""),
        "Description": item.description,
        "Qty": line.qty,
        "QtyShipped": line.shipped,
        "QtyRemainingToShip": line.open,
        "QtyAllocated": line.allocated,
        "CancelQty": line.cancelled,
        "UnitPrice": number(line.price),
        "EffectiveUnitPrice": number(line.price),
        "Discount": 0,
        "DiscountTypeName": "",
        "LineAmount": amount,
        "StatusName": line_status(order, line),
        "DateToBeShipped": NO_DATE,
        "ShipStoreName": here.store_name(order.store_id),
        "ThirdPartyRefNo2": line.ref,
        "Notes": "",
        "TaxItems": [],
        **line.own,
    }


def respelled(row: Json, names: dict[str, str]) -> Json:
    return {names.get(name, name): value for name, value in row.items()}


def disfigure(here: State, header: Json, lines: list[Json]) -> None:
    if here.oddities.take("unknown_status"):
        header["StatusName"] = "Awaiting Proforma"
    if here.oddities.take("unknown_keys"):
        header |= {"SoScoreCard": {"Grade": "A"}, "IsBetaFlow": None}
    if here.oddities.take("remaining_differs"):
        lines[0]["QtyRemainingToShip"] += 1


@lru_cache(maxsize=16)
def wide_header(share: int) -> Json:
    extra = {f"SoHeaderField{at:03d}": None for at in range(1, 101)}
    return extra | dict.fromkeys(CUSTOM_HEADER, "x" * share)


@lru_cache(maxsize=16)
def wide_line(share: int) -> Json:
    return dict.fromkeys(CUSTOM_LINE, "x" * share)
