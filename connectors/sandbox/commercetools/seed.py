"""The demo shop: three stores, sixty products, two warehouses, four shipping methods, in pounds and euros."""

from __future__ import annotations

from connectors.sandbox.commercetools.catalogue_setup import create_channel, create_shipping_method, create_state, create_store, create_type
from connectors.sandbox.commercetools.inventory import create_entry
from connectors.sandbox.commercetools.lines import variants_of
from connectors.sandbox.commercetools.products import create_product
from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.store import State, Work
from connectors.sandbox.commercetools.world import shop_work

KINDS = (  # name, code, price in pence, colours, sizes
    ("Oxford shirt", "OXF", 3999, ("White", "Blue"), ("S", "M", "L")),
    ("Linen dress", "LIN", 5999, ("Sand", "Navy"), ("S", "M", "L")),
    ("Wool jumper", "WOO", 6999, ("Grey", "Moss"), ("S", "M", "L")),
    ("Canvas tote", "TOT", 1999, ("Natural",), ("One",)),
    ("Leather belt", "BEL", 2999, ("Black", "Tan"), ("85", "95")),
    ("Denim jacket", "DEN", 8999, ("Indigo",), ("S", "M", "L")),
    ("Running socks", "SOC", 999, ("White", "Black"), ("S", "L")),
    ("Enamel mug", "MUG", 1299, ("Cream",), ("One",)),
    ("Rain coat", "RAI", 11999, ("Yellow", "Navy"), ("S", "M", "L")),
    ("Beanie hat", "BEA", 1799, ("Rust", "Grey"), ("One",)),
)
LINES = ("Heritage", "Coast", "City", "Alpine", "Studio", "Atlas")
CHANNELS = (
    ("wh-leeds", ["InventorySupply"], "Leeds warehouse"),
    ("wh-berlin", ["InventorySupply"], "Berlin warehouse"),
    ("ops-portal", ["OrderExport"], "Operations portal"),
    ("marketplace", ["OrderImport"], "Marketplace import"),
)
STORES = (
    ("uk", "Shop UK", ["en"], ("GB",), ("wh-leeds",)),
    ("eu", "Shop EU", ["de", "en"], ("DE", "FR"), ("wh-berlin",)),
    ("outlet", "Outlet", ["en"], ("GB",), ("wh-leeds", "wh-berlin")),
)
METHODS = (
    ("standard", "Standard delivery", 399),
    ("express", "DPD Next Day", 799),
    ("eu-standard", "DHL Europe", 999),
    ("collect", "Click and collect", 0),
)
STATES = (("picking", False), ("packed", False), ("handed-over", False))
FIELDS = (("giftMessage", "String"), ("wmsId", "String"), ("priority", "Boolean"))


def seed_demo(state: State, wish: Doc) -> Doc:
    """Fill an empty project; `products` scales the catalogue, `enable_messages` is on unless refused."""
    work = shop_work(state)
    if wish.get("enable_messages", True):
        state.project = state.project | {"messages": {"enabled": True, "deleteDaysAfterCreation": 15}, "version": state.project["version"] + 1}
    for key, roles, name in CHANNELS:
        create_channel(work, {"key": key, "roles": roles, "name": {"en": name}})
    for key, title, languages, countries, supplies in STORES:
        supply = [{"typeId": "channel", "key": one} for one in supplies]
        listed = [{"code": code} for code in countries]
        create_store(work, {"key": key, "name": {"en": title}, "languages": languages, "countries": listed, "supplyChannels": supply})
    for key, name, pence in METHODS:
        prices = [{"price": {"currencyCode": currency, "centAmount": pence}} for currency in ("GBP", "EUR")]
        create_shipping_method(work, {"key": key, "name": name, "zoneRates": [{"shippingRates": prices}], "isDefault": key == "standard"})
    seed_workflow(work)
    products = [create_product(work, draft) for draft in product_drafts(state, int(wish.get("products", 60)))]
    seed_stock(work, products, int(wish.get("stock", 120)))
    return {"products": len(products), "skus": sum(len(variants_of(product["masterData"]["current"])) for product in products)}


def seed_workflow(work: Work) -> None:
    for key, initial in STATES:
        create_state(work, {"key": key, "type": "LineItemState", "initial": initial, "name": {"en": key.capitalize()}})
    review = create_state(work, {"key": "fraud-review", "type": "OrderState", "initial": True})
    released = create_state(work, {"key": "released", "type": "OrderState", "initial": False, "transitions": []})
    stored = work.load("state", review["id"]) | {"transitions": [{"typeId": "state", "id": released["id"]}]}
    work.replace("states", stored)
    fields = [{"name": name, "label": {"en": name}, "required": False, "type": {"name": kind}} for name, kind in FIELDS]
    create_type(work, {"key": "order-extras", "name": {"en": "Order extras"}, "resourceTypeIds": ["order"], "fieldDefinitions": fields})


def product_drafts(state: State, count: int) -> list[Doc]:
    kind = state.add("product-types", {"key": "apparel", "name": "Apparel", "attributes": []})
    return [product_draft(number, kind["id"]) for number in range(count)]


def product_draft(number: int, type_id: str) -> Doc:
    name, code, pence, colours, sizes = KINDS[number % len(KINDS)]
    batch = number // len(KINDS)
    line = LINES[batch % len(LINES)] + (f" {batch // len(LINES) + 1}" if batch >= len(LINES) else "")
    prefix = f"{code}-{line[:2].upper()}{batch // len(LINES) or ''}"
    variants = [variant_draft(f"{prefix}-{colour[:3].upper()}-{size}", pence, colour, size) for colour in colours for size in sizes]
    return {
        "key": f"{name} {line}".lower().replace(" ", "-"),
        "productType": {"typeId": "product-type", "id": type_id},
        "name": {"en": f"{line} {name}", "de": f"{name} {line}"},
        "slug": {"en": f"{line} {name}".lower().replace(" ", "-")},
        "masterVariant": variants[0],
        "variants": variants[1:],
        "publish": True,
    }


def variant_draft(sku: str, pence: int, colour: str, size: str) -> Doc:
    return {
        "sku": sku,
        "prices": [{"value": {"currencyCode": "GBP", "centAmount": pence}}, {"value": {"currencyCode": "EUR", "centAmount": round(pence * 1.2)}}],
        "images": [{"url": f"https://img.example.com/{sku.lower()}.jpg", "dimensions": {"w": 800, "h": 800}}],
        "attributes": [{"name": "colour", "value": {"key": colour.lower(), "label": colour}}, {"name": "size", "value": size}],
    }


def seed_stock(work: Work, products: list[Doc], quantity: int) -> None:
    """One entry per SKU at each warehouse, and the channel-less one that carts without a supply channel use."""
    for product in products:
        for variant in variants_of(product["masterData"]["current"]):
            sku = variant["sku"]
            for channel in ("wh-leeds", "wh-berlin"):
                supply = {"typeId": "channel", "key": channel}
                create_entry(work, {"key": f"{sku}_{channel}", "sku": sku, "supplyChannel": supply, "quantityOnStock": quantity})
            create_entry(work, {"sku": sku, "quantityOnStock": quantity})
