"""Stock by facility: the snapshot that only the legacy API has."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from connectors.sandbox.deposco.answers import Refused
from connectors.sandbox.deposco.fields import moment, named, whole
from connectors.sandbox.deposco.legacy_answers import answer, refusal, unit
from connectors.sandbox.deposco.legacy_orders import forget_code
from connectors.sandbox.deposco.models import Json, Level
from connectors.sandbox.deposco.reference import LOCATION
from connectors.sandbox.deposco.stock import promise, unallocated
from connectors.sandbox.deposco.store import State, state

bp = Blueprint("deposco_legacy_stock", __name__, url_prefix="/integration/<code>")
bp.register_error_handler(Refused, refusal)
bp.url_value_preprocessor(forget_code)
MEASURES = ("totalOnHandQty", "atpQty", "openOrderLineQty", "qtyOnPO", "inTransitQty")
FIRST_PAGE, LAST_PAGE, MOST_ROWS = 1, 10_000_000, 1000


@bp.get("/inventory/full")
def full() -> Response:
    """Item by item, in pages until an empty one; `startActivityTime` leaves only what moved since."""
    here = state()
    size = here.settings.inventory_page_size
    start = (whole("pageNo", FIRST_PAGE, most=LAST_PAGE) - 1) * size
    ids = moved_since(here, request.args["startActivityTime"]) if request.args.get("startActivityTime") else here.items_of[g.company]
    return answer({"itemInventory": [inventory(here, id) for id in ids[start : start + size]]}, "inventory")


def moved_since(here: State, written: str) -> list[int]:
    """The ids in ascending order; remembered while nothing moves, because every page asks again."""
    bound = moment(written, where="startActivityTime")
    key = (g.company, bound, here.stock_changed.version)
    if here.moved.get("key") != key:
        ids = sorted(id for id in here.stock_changed.after(bound) if here.items[id].company == g.company)
        here.moved = {"key": key, "ids": ids}
    found: list[int] = here.moved["ids"]
    return found


def inventory(here: State, item_id: int) -> Json:
    levels = here.stock.get(item_id, {})
    rows = [{"facility": name, "inventory": measured(here, levels[name])} for name in here.facilities if name in levels]
    return {"itemNumber": here.items[item_id].number, "facilityInventory": rows}


def measured(here: State, level: Level) -> Json:
    """A measure that is absent is not known, which is not zero."""
    found = {
        "total": level.on_hand,
        "availableToPromise": promise(here, level),
        "unallocated": unallocated(level),
        "allocated": level.allocated,
    }
    if here.oddities.take("absent_measure"):
        del found["availableToPromise"]
    return found


@bp.get("/inventory/facility/<facility>/location/<location>")
@bp.get("/inventory/<bu>/facility/<facility>/location/<location>")
def at_location(facility: str, location: str, bu: str = "") -> Response:
    here = state()
    if facility not in here.facilities or location != LOCATION:
        raise Refused(404, f"Location [{location}] of facility [{facility}] not found")
    ids = [id for id in here.items_of[unit(bu or g.company)] if facility in here.stock.get(id, {})]
    rows = [{"itemNumber": here.items[id].number, "location": location, "inventory": {"total": here.stock[id][facility].on_hand}} for id in ids]
    return answer({"itemInventory": rows}, "inventory")


@bp.get("/enterpriseinventory/<bu>/availability")
def availability(bu: str) -> Response:
    """The measures asked for. It says XML and means JSON; with `itemNumbers` the outer value is a list."""
    here = state()
    numbers, facilities = named(request.args.get("itemNumbers", "")), named(request.args.get("facilityNumbers", ""))
    measures = [name for name in MEASURES if name in named(request.args.get("measures", ",".join(MEASURES)))]
    known = [here.find_item(unit(bu), number) for number in sorted(numbers)]
    ids = [item.id for item in known if item] if numbers else here.items_of[unit(bu)]
    size = whole("pageSize", 50, most=MOST_ROWS)
    start = (whole("pageNumber", FIRST_PAGE, most=LAST_PAGE) - 1) * size
    found: Json = {"enterpriseInventory": [enterprise(here, id, measures, facilities) for id in ids[start : start + size]]}
    return answer([found] if numbers else found, "enterpriseInventory", claims_xml=True)


def enterprise(here: State, item_id: int, measures: list[str], facilities: set[str]) -> Json:
    levels = {name: level for name, level in here.stock.get(item_id, {}).items() if not facilities or name in facilities}
    rows = {name: quantities(here, level) for name, level in levels.items()}
    totals = {name: sum(row[name] for row in rows.values()) for name in measures}
    if here.oddities.take("absent_measure"):
        totals.pop("atpQty", None)
    shown = [{"facility": name, **{measure: row[measure] for measure in measures}} for name, row in rows.items()]
    return {"itemId": item_id, "itemNumber": here.items[item_id].number, **totals, "facilities": shown}


def quantities(here: State, level: Level) -> dict[str, int]:
    own = {"totalOnHandQty": level.on_hand, "atpQty": promise(here, level), "openOrderLineQty": level.demand + level.allocated}
    return own | {"qtyOnPO": 0, "inTransitQty": 0}
