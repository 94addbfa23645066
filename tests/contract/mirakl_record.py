"""What the published seller API (https://developer.mirakl.com) lets a seller send, and whether a call keeps to it: names, types, values, counts.

The simulator forgives what the real server is known to forgive; this does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

Check = Callable[[Any, str], Iterator[str]]
Call = Mapping[str, Any]


def words(written: str) -> list[str]:
    return written.split()


ORDER_STATES = words("STAGING WAITING_ACCEPTANCE WAITING_DEBIT WAITING_DEBIT_PAYMENT SHIPPING SHIPPED TO_COLLECT RECEIVED CLOSED REFUSED CANCELED")
RETURN_REASONS = [f"RETURN_{word}" for word in words(
    "BROKEN_ITEM CHANGED_MIND COUNTERFEIT_ITEM DAMAGED_PACKAGING DEFECTIVE_ITEM DELIVERED_PRODUCT_DIFFERENT MISSING_ITEM OTHER CM_DONT_WANT"
    " CM_DONT_LIKE CM_QUALITY DPD_WRONG_SIZE DPD_WRONG_COLOR DEFECTIVE_ON_ARRIVAL PRODUCT_DOES_NOT_FIT PDNT_TOO_BIG PDNT_TOO_SMALL"
    " INACCURATE_ITEM_DESCRIPTION WARRANTY"
)]  # fmt: skip
METHODS = [f"RETURN_METHOD_{word}" for word in words("BY_MAIL DROP_OFF_POINT HOME_PICKUP IN_STORE RETURNLESS")]
REJECTIONS = [f"RETURN_REJECTION_{word}" for word in words("NOT_ELIGIBLE NOT_NEEDED WINDOW_CLOSED")]
NON_COMPLIANT = [f"RETURN_NON_COMPLIANT_{word}" for word in words("MISSING_ITEM WRONG_PRODUCT DAMAGED_PRODUCT WINDOW_CLOSED OTHER")]


def texts(pattern: str = r"(?s).+") -> Check:
    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
            yield f"{path} is {value!r}, not text like {pattern}"

    return check


def one_of(*words: str) -> Check:
    return texts("|".join(map(re.escape, words)))


def whole(least: int = 0, most: int = 10**9) -> Check:
    """A JSON number, or in a query its digits."""

    def check(value: Any, path: str) -> Iterator[str]:
        number = int(value) if isinstance(value, str) and value.isdecimal() else value
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            yield f"{path} is {value!r}, not a whole number from {least} to {most}"

    return check


def amount(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        yield f"{path} is {value!r}, not an amount"


def flag(value: Any, path: str) -> Iterator[str]:
    if value is not True and value is not False and value not in ("true", "false"):
        yield f"{path} is {value!r}, not a boolean"


def uuid(value: Any, path: str) -> Iterator[str]:
    try:
        UUID(str(value))
    except ValueError:
        yield f"{path} is {value!r}, not a UUID"


def date_time(value: Any, path: str) -> Iterator[str]:
    try:
        read = datetime.fromisoformat(value) if "T" in value else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        yield f"{path} is {value!r}, not a date-time with its offset"


def commas(each: Check) -> Check:
    """An old endpoint's list: one parameter, at most 100 values."""

    def check(value: Any, path: str) -> Iterator[str]:
        values = value.split(",")
        yield from ([f"{path} has {len(values)} values"] if len(values) > 100 else ())
        yield from (problem for one in values for problem in each(one, path))

    return check


def listed(each: Mapping[str, Check], *, most: int, least: int = 1) -> Check:
    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            yield f"{path} is not a list of {least} to {most}"
            return
        for number, row in enumerate(value):
            yield from fields(each)(row, f"{path}[{number}]")

    return check


def fields(known: Mapping[str, Check]) -> Check:
    """An object of these fields and no others; a name that ends in * must be there."""
    names = {name.rstrip("*"): check for name, check in known.items()}

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} is not an object"
            return
        yield from (f"{path}.{name[:-1]} is missing" for name in known if name.endswith("*") and name[:-1] not in value)
        for name, inside in value.items():
            yield from names[name](inside, f"{path}.{name}") if name in names else [f"{path}.{name} is not a field of it"]

    return check


@dataclass(frozen=True)
class Operation:
    """One operation: verb, path, what may stand in the query, and the body (None: it has none)."""

    name: str
    method: str
    path: str
    query: Mapping[str, Check] = field(default_factory=dict)
    body: Check | None = None
    upload: bool = False


PAGES = {"max": whole(1, 100), "offset": whole()}
SEEK = {"limit": whole(1, 100), "page_token": texts()}
TRACKING = fields(
    {"carrier_code": texts(), "carrier_name": texts(), "carrier_standard_code": texts(), "tracking_number": texts(), "tracking_url": texts()}
)
TAX = {"code*": texts(), "amount*": amount}
ONE_RETURN = fields({"returns*": listed({"id*": uuid}, most=100)})
SHIPMENT = {
    "order_id*": texts(),
    "invoice_reference": texts(r"[0-9a-zA-Z_-]{0,255}"),
    "shipped": flag,
    "shipment_lines*": listed({"order_line_id*": texts(), "quantity*": whole(1), "package_reference": texts()}, most=1000),
    "tracking": TRACKING,
}
REFUND = {
    "order_line_id*": texts(), "amount*": amount, "shipping_amount*": amount, "reason_code*": texts(), "quantity": whole(),
    "currency_iso_code": texts(r"[A-Z]{3}"), "excluded_from_shipment": flag, "taxes": listed(TAX, most=99, least=0),
    "shipping_taxes": listed(TAX, most=99, least=0),
}  # fmt: skip
NEW_RETURN = {
    "order_commercial_id*": texts(), "method_code*": one_of(*METHODS), "accepted": flag, "rma": texts(r"[0-9a-zA-Z_-]{1,100}"),
    "label_url": texts(), "description": texts(),
    "return_lines*": listed({"order_line_id*": texts(), "quantity*": whole(1), "reason_code*": one_of(*RETURN_REASONS)}, most=100),
}  # fmt: skip
COMPLIANCE = {
    "order_line_id*": texts(), "compliant*": flag, "non_compliance_reason_code": one_of(*NON_COMPLIANT), "non_compliance_additional_info": texts(),
}  # fmt: skip
ORDERS_QUERY = PAGES | {
    "order_ids": commas(texts()), "order_state_codes": commas(one_of(*ORDER_STATES)), "channel_codes": commas(texts()),
    "start_update_date": date_time, "end_update_date": date_time, "start_date": date_time, "end_date": date_time,
    "order_tax_mode": one_of("TAX_INCLUDED", "TAX_EXCLUDED"), "sort": one_of("dateCreated"), "order": one_of("asc", "desc"), "locale": texts(),
}  # fmt: skip
TL02_QUERY = {"limit": whole(1, 2000), "page_token": texts(), "last_updated_from": date_time}
SBC11_QUERY = {"limit": whole(1, 1000), "page_token": texts(), "start_date": date_time, "sort": one_of("dateCreated,ASC", "dateCreated,DESC")}
RT11_QUERY = SEEK | {"return_last_updated_from": date_time, "return_id": uuid, "return_rma": texts(), "sort": one_of("date_created,ASC")}
OPERATIONS = (
    Operation("A01", "GET", "/account"),
    Operation("PC01", "GET", "/platform/configuration"),
    Operation("CH11", "GET", "/channels"),
    Operation("SH12", "GET", "/shipping/types"),
    Operation("SH21", "GET", "/shipping/carriers"),
    Operation("RE01", "GET", "/reasons"),
    Operation("OR11", "GET", "/orders", ORDERS_QUERY),
    Operation("OR21", "PUT", "/orders/[^/]+/accept", body=fields({"order_lines*": listed({"id*": texts(), "accepted*": flag}, most=1000)})),
    Operation("OR23", "PUT", "/orders/[^/]+/tracking", body=fields({
        "carrier_code": texts(), "carrier_name": texts(), "carrier_standard_code": texts(), "carrier_url": texts(), "tracking_number": texts(),
    })),
    Operation("OR24", "PUT", "/orders/[^/]+/ship"),
    Operation("OR28", "PUT", "/orders/refund", body=fields({
        "order_tax_mode": one_of("TAX_INCLUDED", "TAX_EXCLUDED"), "refunds*": listed(REFUND, most=100),
    })),
    Operation("ST01", "POST", "/shipments", body=fields({"shipments*": listed(SHIPMENT, most=1000)})),
    Operation("ST11", "GET", "/shipments", SEEK | {"order_id": texts(), "sort": one_of("dateCreated,ASC")}),
    Operation("ST23", "POST", "/shipments/tracking", body=fields({"shipments*": listed({"id*": uuid, "tracking*": TRACKING}, most=1000)})),
    Operation("ST24", "PUT", "/shipments/ship", body=fields({"shipments*": listed({"id*": uuid}, most=1000)})),
    Operation("OF21", "GET", "/offers", PAGES | {"sku": texts()}),
    Operation("OF01", "POST", "/offers/imports", upload=True),
    Operation("OF02", "GET", "/offers/imports/[0-9]+"),
    Operation("OF03", "GET", "/offers/imports/[0-9]+/error_report"),
    Operation("STO01", "POST", "/offers/stock/imports", upload=True),
    Operation("STO02", "GET", "/offers/stock/imports/[^/]+/status"),
    Operation("STO03", "GET", "/offers/stock/imports/[^/]+/error_report"),
    Operation("RT01", "POST", "/returns", body=fields({"returns*": listed(NEW_RETURN, most=200)})),
    Operation("RT11", "GET", "/returns", RT11_QUERY),
    Operation("RT21", "PUT", "/returns/accept", body=fields({
        "returns*": listed({"id*": uuid, "accepted*": flag, "rejection_reason_code": one_of(*REJECTIONS)}, most=100),
    })),
    Operation("RT25", "PUT", "/returns/receive", body=ONE_RETURN),
    Operation("RT26", "PUT", "/returns/compliance", body=fields({
        "returns*": listed({"id*": uuid, "return_lines*": listed(COMPLIANCE, most=1000)}, most=100),
    })),
    Operation("RT27", "PUT", "/returns/close", body=ONE_RETURN),
    Operation("RT29", "PUT", "/returns/cancel", body=ONE_RETURN),
    Operation("SBC11", "GET", "/seller-billing-cycles", SBC11_QUERY),
    Operation("TL02", "GET", "/sellerpayment/transactions_logs", TL02_QUERY | {"sort": one_of("lastUpdated,ASC", "dateCreated,DESC")}),
)  # fmt: skip
REPEATED = frozenset({"order_id", "return_id", "return_rma"})


def operation_of(call: Call) -> Operation | None:
    path = str(call["path"]).removeprefix("/api")
    return next((one for one in OPERATIONS if one.method == call["method"] and re.fullmatch(one.path, path)), None)


def faults(call: Call) -> list[str]:
    """What is wrong with one call as the simulator kept it (method, path, query, body)."""
    operation = operation_of(call)
    if operation is None:
        return [f"{call['method']} {call['path']} is no operation that a seller should call"]
    return [f"{operation.name}: {problem}" for problem in (*query_faults(call, operation), *body_faults(call, operation))]


def query_faults(call: Call, operation: Operation) -> Iterator[str]:
    pairs = parse_qsl(str(call["query"]), keep_blank_values=True)
    names = [name for name, _ in pairs]
    allowed = {**operation.query, "shop_id": whole(1)}
    yield from (f"{name} stands twice" for name in set(names) if names.count(name) > 1 and name not in REPEATED)
    for name, value in pairs:
        yield from allowed[name](value, name) if name in allowed else [f"{name} is not a parameter of it"]
    if "page_token" in names and set(names) - {"page_token", "shop_id"}:
        yield "beside page_token everything else is ignored"


def body_faults(call: Call, operation: Operation) -> Iterator[str]:
    written = str(call["body"])
    if operation.upload:
        return
    if operation.body is None:
        yield from [f"it has no body, and {written[:80]!r} was sent"] if written else ()
        return
    try:
        body = json.loads(written, parse_float=Decimal)
    except ValueError:
        yield f"its body is not JSON: {written[:80]!r}"
        return
    yield from operation.body(body, "body")


def all_faults(calls: Iterable[Call]) -> list[str]:
    """Every way in which these calls depart from the record, each once."""
    return sorted({problem for call in calls for problem in faults(call)})
