"""inventory/getinventorybyitem: one row for each item and store; and the adjustment, which only exists where its path is set."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request

from connectors.sandbox.xoro.answers import Refused, empty_list, envelope, listed, positive
from connectors.sandbox.xoro.fields import decimal, text, units, words
from connectors.sandbox.xoro.index import Chained
from connectors.sandbox.xoro.models import Json
from connectors.sandbox.xoro.order_write import BY_NUMBER, item_of, store_of
from connectors.sandbox.xoro.stock import begin, listed_row, move
from connectors.sandbox.xoro.store import State

ITEM_FILTERS = ("item_number", "item_id", "product_id", "base_part_number")
Place = tuple[int, int]  # (store, item)


def read(here: State) -> Response:
    if here.oddities.take("empty_read"):
        return empty_list(positive("page", 1))
    return listed(found(here), here.settings, render=lambda place: row_view(here, place))


def found(here: State) -> Sequence[Place]:
    store_ids = [here.stores[name] for name in words("store") if name in here.stores] if words("store") else list(here.stores.values())
    if any(request.args.get(name) for name in ITEM_FILTERS):
        wanted = items_wanted(here)
        places: Sequence[Place] = [(store_id, id) for store_id in store_ids for id in wanted if id in here.stocked[store_id]]
    else:
        places = Chained((store_id, here.stocked[store_id].ids) for store_id in store_ids)
    if request.args.get("min_on_hand"):
        least = decimal(request.args["min_on_hand"])
        return [(store_id, id) for store_id, id in places[:] if here.stock[id, store_id].on_hand >= least]
    return places


def items_wanted(here: State) -> list[int]:
    asked = request.args
    if asked.get("item_number"):
        return [here.by_item[number] for number in words("item_number") if number in here.by_item]
    if asked.get("item_id"):
        return [int(id) for id in words("item_id") if id.isdecimal()]
    product_id = here.by_base.get(asked["base_part_number"]) if asked.get("base_part_number") else positive("product_id", 0)
    product = here.products.get(product_id or 0)
    return product.item_ids if product else []


def row_view(here: State, place: Place) -> Json:
    store_id, item_id = place
    item, row = here.items[item_id], here.stock[item_id, store_id]
    return {
        "ItemId": item.id,
        "ItemNumber": item.number,
        "BasePartNumber": here.products[item.product_id].base,
        "ItemDescription": item.description,
        "ItemTags": item.own.get("ItemTags", ""),
        "ProductHeaderId": item.product_id,
        "StoreId": store_id,
        "StoreName": here.store_name(store_id),
        "OnHandQty": row.on_hand,
        "AvailableQty": row.available,
        "AllocatedQty": row.allocated,
        "NotAvailableQty": row.not_available,
        "NetAvailable": row.available,
        "ATSQty": row.ats,
        "ATSQtyIncPO": row.ats + row.on_po,
        "QtyOnSO": row.on_so,
        "QtyOnPO": row.on_po,
        "QtyOnPODraft": row.on_po_draft,
        "QtyOnASN": row.on_asn,
    }


def adjust(here: State, given: Json) -> Response:
    """Proposed: `{"StoreName", "ItemNumber", "DeltaQty"}`, or `OnHandQty` for a count."""
    store_id = store_of(here, text(given.get("StoreName")))
    item = item_of(here, text(given.get("ItemNumber")), units(given.get("ItemIdentifierCode") or BY_NUMBER))
    if given.get("DeltaQty") is None and given.get("OnHandQty") is None:
        raise Refused("DeltaQty or OnHandQty is required.", 1051)
    row = listed_row(here, item.id, store_id)
    difference = units(given["DeltaQty"]) if given.get("DeltaQty") is not None else units(given["OnHandQty"]) - row.on_hand
    move(here, row, txn=begin(here, "adjustment", text(given.get("RefNo"))), on_hand=difference)
    return envelope(row_view(here, (store_id, item.id)))
