"""How products, variants, stock and places are told in GraphQL."""

from __future__ import annotations

from connectors.sandbox.shopify.connections import small, walked
from connectors.sandbox.shopify.engine import Node, QueryError
from connectors.sandbox.shopify.models import STOCK_NAMES, Doc, Level, Location, Product, Variant
from connectors.sandbox.shopify.rest import money
from connectors.sandbox.shopify.search import matches, moment_of, parse
from connectors.sandbox.shopify.store import State, gid, number_in, stamp

LEVEL_FIELDS = {"updated_at": lambda level: level.updated_at, "inventory_item_id": lambda level: level.item_id}


def location_view(here: State, place: Location) -> Node:
    members: Doc = {
        "id": gid("Location", place.id),
        "legacyResourceId": str(place.id),
        "name": place.name,
        "isActive": place.active,
        "fulfillsOnlineOrders": place.active,
        "shipsInventory": True,
        "hasActiveInventory": bool(len(here.items_at[place.id])),
        "address": Node("LocationAddress", {"address1": "1 Dock Rd", "city": "Atlanta", "zip": "30301", "provinceCode": "GA", "countryCode": "US"}),
        "inventoryLevels": lambda args: levels_at(here, place, args),
        "inventoryLevel": lambda args: one_level(here, number_in("InventoryItem", args["inventoryItemId"]), place.id),
    }
    return Node("Location", members)


def levels_at(here: State, place: Location, args: Doc) -> Node:
    """The levels of one place, in the order they changed."""
    query = parse(args.get("query"))
    since = [moment_of(term.value) for term in query.sole("updated_at") if term.op in (">=", ">")]
    return walked(
        "InventoryLevel",
        here.items_at[place.id],
        lambda item: here.levels[item, place.id],
        view=lambda level: level_view(here, level),
        args=args,
        keep=lambda level: matches(level, query, LEVEL_FIELDS),
        least=since[0] if since else None,
    )


def one_level(here: State, item_id: int, location_id: int) -> Node | None:
    level = here.levels.get((item_id, location_id))
    return level_view(here, level) if level else None


def level_view(here: State, level: Level) -> Node:
    def quantities(args: Doc) -> list[Node]:
        names = args["names"] if isinstance(args["names"], list) else [args["names"]]
        if unknown := [name for name in names if name not in STOCK_NAMES]:
            raise QueryError(f"The specified quantity name '{unknown[0]}' is invalid.", "BAD_USER_INPUT")
        id = f"{level.location_id}?inventory_item_id={level.item_id}"
        told = [{"id": gid("InventoryQuantity", f"{id}&name={name}"), "name": name, "quantity": level.units[name]} for name in names]
        return [Node("InventoryQuantity", each | {"updatedAt": stamp(level.updated_at)}) for each in told]

    members: Doc = {
        "id": gid("InventoryLevel", f"{level.location_id}?inventory_item_id={level.item_id}"),
        "isActive": True,
        "createdAt": stamp(level.updated_at),
        "updatedAt": stamp(level.updated_at),
        "location": lambda args: location_view(here, here.locations[level.location_id]),
        "item": lambda args: item_view(here, here.variants[here.variant_of_item[level.item_id]]),
        "quantities": quantities,
    }
    return Node("InventoryLevel", members)


def item_view(here: State, variant: Variant) -> Node:
    """The inventory item of a variant."""
    levels = here.levels_of(variant.item_id)
    members: Doc = {
        "id": gid("InventoryItem", variant.item_id),
        "legacyResourceId": str(variant.item_id),
        "sku": variant.sku,
        "tracked": variant.tracked,
        "requiresShipping": True,
        "createdAt": stamp(variant.created_at),
        "updatedAt": stamp(variant.updated_at),
        "countryCodeOfOrigin": None,
        "harmonizedSystemCode": None,
        "locationsCount": Node("Count", {"count": len(levels), "precision": "EXACT"}),
        "variant": lambda args: variant_view(here, variant),
        "inventoryLevels": lambda args: small("InventoryLevel", levels, lambda level: level_view(here, level), args),
        "inventoryLevel": lambda args: one_level(here, variant.item_id, number_in("Location", args["locationId"])),
    }
    return Node("InventoryItem", members)


def variant_view(here: State, variant: Variant) -> Node:
    product = here.products[variant.product_id]
    available = sum(level.units["available"] for level in here.levels_of(variant.item_id))
    members: Doc = {
        "id": gid("ProductVariant", variant.id),
        "legacyResourceId": str(variant.id),
        "sku": variant.sku,
        "barcode": variant.barcode,
        "title": variant.title,
        "displayName": f"{product.title} - {variant.title}",
        "price": money(variant.price),
        "compareAtPrice": None,
        "position": product.variant_ids.index(variant.id) + 1 if variant.id in product.variant_ids else 1,
        "createdAt": stamp(variant.created_at),
        "updatedAt": stamp(variant.updated_at),
        "inventoryQuantity": available,
        "inventoryPolicy": "DENY",
        "taxable": True,
        "selectedOptions": [Node("SelectedOption", {"name": "Title", "value": variant.title})],
        "availableForSale": available > 0,
        "product": lambda args: product_view(here, product),
        "inventoryItem": lambda args: item_view(here, variant),
    }
    return Node("ProductVariant", members)


def product_view(here: State, product: Product) -> Node:
    variants = [here.variants[id] for id in product.variant_ids]
    members: Doc = {
        "id": gid("Product", product.id),
        "legacyResourceId": str(product.id),
        "title": product.title,
        "handle": product.title.lower().replace(" ", "-"),
        "status": product.status,
        "vendor": "Demo",
        "productType": "",
        "tags": [],
        "createdAt": stamp(product.created_at),
        "updatedAt": stamp(product.updated_at),
        "totalInventory": lambda args: sum(level.units["available"] for each in variants for level in here.levels_of(each.item_id)),
        "variants": lambda args: small("ProductVariant", variants, lambda each: variant_view(here, each), args),
    }
    return Node("Product", members)
