"""What one row of an offer import does: the columns' names, their rules, and the two meanings of "left out"."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation

from connectors.sandbox.mirakl.models import Import, Json, Offer
from connectors.sandbox.mirakl.stock_imports import quantity, set_quantity
from connectors.sandbox.mirakl.store import Shop, State

JSON_NAMES = {"sku": "shop_sku", "state": "state_code"}  # OF01's column -> OF24's field, where it is more than dashes
OWN: tuple[str, ...] = (
    "description",
    "internal_description",
    "price_additional_info",
    "min_quantity_alert",
    "available_start_date",
    "available_end_date",
)
OWN += ("logistic_class", "discount_price", "discount_start_date", "discount_end_date", "leadtime_to_ship", "min_order_quantity")
OWN += ("max_order_quantity", "package_quantity", "discount", "offer_additional_fields", "allow_quote_requests", "product_tax_code")
ACTIONS = ("", "update", "delete")


def field_name(column: str) -> str:
    return JSON_NAMES.get(column, column.replace("-", "_"))


def take_row(here: State, mine: Shop, job: Import, row: Json, *, at: datetime, resets: bool) -> str:
    """Create, update or delete one offer; the reason if the row cannot be taken.

    `resets`: what the row leaves out is erased (OF24). Otherwise it is left alone (OF01 NORMAL).
    """
    sku, action = str(row.get("shop_sku") or ""), str(row.get("update_delete") or "").lower()
    offer = mine.by_sku.get(sku)
    if action == "delete":
        return take_deletion(mine, job, offer)
    why = misnamed(sku, action) or fault(row, new=offer is None, resets=resets)
    if why:
        return why
    if offer is None:
        offer = create(here, mine, row, sku, at=at)
        job.inserted += 1
    else:
        job.updated += 1
    write(offer, row, at=at, resets=resets)
    return ""


def take_deletion(mine: Shop, job: Import, offer: Offer | None) -> str:
    if offer is None:
        return "The offer does not exist"
    remove(mine, offer)
    job.deleted += 1
    return ""


def misnamed(sku: str, action: str) -> str:
    if not sku:
        return "The sku is required"
    if len(sku) > 40 or "/" in sku:
        return "The sku must have at most 40 characters and no '/'"
    return "" if action in ACTIONS else f"The value '{action}' of update-delete is not valid"


def fault(row: Json, *, new: bool, resets: bool) -> str:
    """What is missing or cannot be read."""
    required = ("state_code", "price", *(("product_id", "product_id_type") if new else ())) if new or resets else ()
    for name in required:
        if row.get(name) in (None, ""):
            return f"The {name.replace('_', '-')} is required"
    if row.get("price") not in (None, ""):
        try:
            Decimal(str(row["price"]))
        except InvalidOperation:
            return f"The price '{row['price']}' is not a number"
    units = row.get("quantity")
    read = quantity(str(units)) if units not in (None, "") else 0
    return read if isinstance(read, str) else ""


def create(here: State, mine: Shop, row: Json, sku: str, *, at: datetime) -> Offer:
    id = here.next_id("offer")
    ean = str(row["product_id"]) if str(row["product_id_type"]).upper() == "EAN" else ""
    offer = Offer(id, sku, f"P{id:06d}", sku, ean, Decimal(str(row["price"])), at, at)
    mine.offers[id] = mine.by_sku[sku] = offer
    return offer


def remove(mine: Shop, offer: Offer) -> None:
    mine.offers.pop(offer.id, None)
    mine.by_sku.pop(offer.sku, None)


def write(offer: Offer, row: Json, *, at: datetime, resets: bool) -> None:
    if resets:
        offer.own = {}
    offer.own |= {name: row[name] for name in OWN if name in row}
    if row.get("price") not in (None, ""):
        offer.price = Decimal(str(row["price"]))
    if row.get("state_code") not in (None, ""):
        offer.state_code = str(row["state_code"])
    if resets or "quantity" in row:
        set_quantity(offer, "", int(str(row.get("quantity") or 0)), at=at)
    offer.updated_at = at
