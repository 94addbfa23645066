"""Products with their current and staged data, and the flat projections of both (https://docs.commercetools.com/api/projects/products)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from connectors.sandbox.commercetools.errors import invalid_input, invalid_operation
from connectors.sandbox.commercetools.inventory import set_key
from connectors.sandbox.commercetools.lines import variants_of
from connectors.sandbox.commercetools.resources import Resource
from connectors.sandbox.commercetools.shapes import Doc, key_of, localized, money, objects, put_or_drop, take, without_nones
from connectors.sandbox.commercetools.store import State, Work
from connectors.sandbox.commercetools.updates import Action, Actions, Note

MAX_VARIANTS = 100
SHARED = ("key", "productType", "taxCategory", "state", "priceMode", "createdAt", "createdBy", "version", "lastModifiedAt", "lastModifiedBy")


def new_variant(work: Work, draft: Doc, number: int) -> Doc:
    prices = [
        without_nones(
            {"id": work.state.new_id(), "value": money(price, "value", required=True, unit_price=True), "country": take(price, "country", "string")}
        )
        for price in objects(draft, "prices")
    ]
    variant = {
        "id": number,
        "sku": take(draft, "sku", "string"),
        "key": key_of(draft),
        "prices": prices,
        "images": objects(draft, "images"),
        "attributes": objects(draft, "attributes"),
        "assets": [],
    }
    return without_nones(variant)


def create_product(work: Work, draft: Doc) -> Doc:
    drafts = [take(draft, "masterVariant", "object", default={}), *objects(draft, "variants")]
    if len(drafts) > MAX_VARIANTS:
        raise invalid_input(f"A product may have at most {MAX_VARIANTS} variants.")
    variants = [new_variant(work, one, number) for number, one in enumerate(drafts, start=1)]
    skus = [variant["sku"] for variant in variants if "sku" in variant]
    if len(set(skus)) < len(skus):
        raise invalid_input("The SKUs of the variants must be unique.")
    data = {
        "name": localized(draft, "name", required=True),
        "slug": localized(draft, "slug", required=True),
        "description": localized(draft, "description"),
        "categories": [],
        "categoryOrderHints": {},
        "masterVariant": variants[0],
        "variants": variants[1:],
        "attributes": [],
        "searchKeywords": {},
    }
    data = without_nones(data)
    publish = take(draft, "publish", "boolean", default=False)
    product = {
        "key": key_of(draft),
        "productType": work.reference(take(draft, "productType", "object", required=True), "product-type"),
        "masterData": {"published": publish, "hasStagedChanges": False, "current": data, "staged": data},
        "priceMode": "Embedded",
    }
    stored = work.create("products", without_nones(product))
    work.tell("products", stored, "ProductCreated", {"productProjection": project(stored, "staged")})
    if publish:
        work.tell("products", stored, "ProductPublished", published_payload(stored))
    return stored


def published_payload(product: Doc) -> Doc:
    return {"productProjection": project(product, "current"), "removedImageUrls": [], "scope": "All"}


def project(product: Doc, side: str) -> Doc:
    """One side of a product as its flat projection."""
    master = product["masterData"]
    shared = {name: product[name] for name in SHARED if name in product}
    return {"id": product["id"], **shared, **master[side], "published": master["published"], "hasStagedChanges": master["hasStagedChanges"]}


def sides(action: Doc) -> list[str]:
    """Most product actions touch the staged data, and the current too with `staged: false`."""
    return ["staged"] if take(action, "staged", "boolean", default=True) else ["staged", "current"]


def note_staged(product: Doc) -> None:
    master = product["masterData"]
    master["hasStagedChanges"] = master["staged"] != master["current"]


def variant_in(data: Doc, action: Doc) -> Doc:
    number, sku = action.get("variantId", action.get("id")), action.get("sku") if "variantId" not in action else None
    for variant in variants_of(data):
        if variant["id"] == number or (number is None and sku is not None and variant.get("sku") == sku):
            return variant
    raise invalid_input(f"The variant '{number or sku}' does not exist.")


def publish(work: Work, product: Doc, action: Doc) -> list[Note]:
    master = product["masterData"]
    master.update(published=True, hasStagedChanges=False, current=deepcopy(master["staged"]))
    return [Note("ProductPublished", published_payload(product))]


def unpublish(work: Work, product: Doc, action: Doc) -> list[Note]:
    product["masterData"]["published"] = False
    return [Note("ProductUnpublished", {})]


def set_sku(work: Work, product: Doc, action: Doc) -> list[Note]:
    number, sku = take(action, "variantId", "int", required=True), take(action, "sku", "string")
    for side in sides(action):
        put_or_drop(variant_in(product["masterData"][side], {"variantId": number}), "sku", sku)
    note_staged(product)
    return []


def change_localized(name: str) -> Action:
    def act(work: Work, product: Doc, action: Doc) -> list[Note]:
        value = localized(action, name, required=True)
        for side in sides(action):
            product["masterData"][side][name] = value
        note_staged(product)
        return []

    return act


def add_variant(work: Work, product: Doc, action: Doc) -> list[Note]:
    existing = variants_of(product["masterData"]["staged"])
    if len(existing) >= MAX_VARIANTS:
        raise invalid_operation(f"A product may have at most {MAX_VARIANTS} variants.")
    variant = new_variant(work, action, max(one["id"] for one in existing) + 1)
    for side in sides(action):
        product["masterData"][side]["variants"].append(variant)
    note_staged(product)
    return [Note("ProductVariantAdded", {"variant": variant, "staged": "current" not in sides(action)})]


def remove_variant(work: Work, product: Doc, action: Doc) -> list[Note]:
    variant = variant_in(product["masterData"]["staged"], action)
    for side in sides(action):
        data = product["masterData"][side]
        data["variants"] = [one for one in data["variants"] if one["id"] != variant["id"]]
    note_staged(product)
    return [Note("ProductVariantDeleted", {"variant": variant, "staged": "current" not in sides(action)})]


def refuse_published(state: State, product: Doc) -> None:
    if product["masterData"]["published"]:
        raise invalid_operation("A published product cannot be deleted; unpublish it first.")


def tell_deleted(work: Work, product: Doc) -> None:
    work.tell("products", product, "ProductDeleted", {"currentProjection": project(product, "current")})


def with_availability(state: State, doc: Doc) -> Doc:
    """What stock the variants show; it follows the inventory entries, late as they are."""
    for variant in shown_variants(doc):
        found = availability(state, variant.get("sku"))
        if found:
            variant["availability"] = found
    return doc


def shown_variants(doc: Doc) -> Iterator[Doc]:
    data = [doc["masterData"]["current"], doc["masterData"]["staged"]] if "masterData" in doc else [doc]
    for side in data:
        yield from variants_of(side)


def availability(state: State, sku: str | None) -> Doc:
    """The channel-less entry at the top, the others by channel; the top is not their sum."""
    inventory, shown, channels = state.collections["inventory"], {}, {}
    for ident in inventory.find_all("sku", sku) if sku else ():
        entry = inventory.peek(ident)
        one = {"isOnStock": entry["availableQuantity"] > 0, "availableQuantity": entry["availableQuantity"]}
        one |= {name: entry[name] for name in ("restockableInDays", "id", "version") if name in entry}
        if "supplyChannel" in entry:
            channels[entry["supplyChannel"]["id"]] = one
        else:
            shown = one
    return shown | ({"channels": channels} if channels else {})


PRODUCT_ACTIONS: Actions = {
    "publish": publish,
    "unpublish": unpublish,
    "setSku": set_sku,
    "changeName": change_localized("name"),
    "changeSlug": change_localized("slug"),
    "addVariant": add_variant,
    "removeVariant": remove_variant,
    "setKey": set_key,
}
PRODUCTS = Resource(
    path="products",
    view=("view_products",),
    manage=("manage_products",),
    create=create_product,
    actions=PRODUCT_ACTIONS,
    decorate=with_availability,
    before_delete=refuse_published,
    after_delete=tell_deleted,
)
