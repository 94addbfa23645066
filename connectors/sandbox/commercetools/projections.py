"""Product projections: the flat published or staged view of every product, and the two product searches as far as they go."""

from __future__ import annotations

from flask import Flask, Response, request

from connectors.sandbox.commercetools.collection import Collection, dump
from connectors.sandbox.commercetools.errors import ApiError, malformed, not_found
from connectors.sandbox.commercetools.expansion import expand
from connectors.sandbox.commercetools.lines import variants_of
from connectors.sandbox.commercetools.products import project, with_availability
from connectors.sandbox.commercetools.query import WORDS, read_query, run
from connectors.sandbox.commercetools.resources import answer, body_of_request, enter, page, show_due
from connectors.sandbox.commercetools.shapes import Doc, take
from connectors.sandbox.commercetools.store import State

STAGED, PUBLISHED = ("view_products",), ("view_published_products", "view_products")
PATH = "product-projections"


def follow_product(state: State, product: Doc) -> None:
    """Keep both projections of a product beside it."""
    state.staged.put(project(product, "staged"))
    if product["masterData"]["published"]:
        state.current.put(project(product, "current"))
    elif product["id"] in state.current:
        state.current.remove(product["id"])


def forget_product(state: State, ident: str) -> None:
    for side in (state.staged, state.current):
        if ident in side:
            side.remove(ident)


def chosen(state: State, project_key: str, store: str | None) -> Collection:
    raw = request.args.get("staged", "false")
    if raw not in WORDS:
        raise malformed("staged", f"'{raw}' is not true or false.")
    enter(state, project_key, STAGED if WORDS[raw] else PUBLISHED, store=store)
    return state.staged if WORDS[raw] else state.current


def dressed(state: State, side: Collection, ident: str, paths: tuple[str, ...]) -> str:
    doc = with_availability(state, side.get(ident) or {})
    expand(state, doc, paths)
    return dump(doc)


def list_projections(state: State, project_key: str, store: str | None = None) -> Response:
    side = chosen(state, project_key, store)
    with state.bench.lock:
        show_due(state)
        query = read_query(request.args, PATH)
        found = run(query, side, PATH, only=None, random=state.shuffle)
        if request.method == "HEAD":
            return answer("", 200 if found.ids else 404)
        return answer(page(query, found, [dressed(state, side, ident, query.expand) for ident in found.ids]))


def read_projection(state: State, project_key: str, ident: str, store: str | None = None) -> Response:
    side = chosen(state, project_key, store)
    with state.bench.lock:
        show_due(state)
        by_key = ident.startswith("key=")
        found = side.find("key", ident[4:]) if by_key else ident
        if found is None or found not in side:
            raise not_found(ident.removeprefix("key="), by="key" if by_key else "id")
        return answer(dressed(state, side, found, tuple(request.args.getlist("expand"))))


def search_products(state: State, project_key: str) -> Response:
    """Only the exact SKU query of the record; inactive by default."""
    enter(state, project_key, PUBLISHED)
    if not state.settings.search_active:
        raise ApiError(404, "ObjectNotFound", f"No index found for project {project_key}.")
    with state.bench.lock:
        body = body_of_request()
        exact = take(take(body, "query", "object", default={}), "exact", "object", default={})
        limit, offset = take(body, "limit", "int", default=20), take(body, "offset", "int", default=0)
        if not 0 <= limit <= 100 or not 0 <= offset <= 10_000:
            raise malformed("limit", "The limit parameter must be in the range of [0..100]")
        found = state.collections["products"].find_all("sku", exact.get("value")) if exact.get("field") == "variants.sku" else set()
        results = [hit(state, ident, exact["value"]) for ident in sorted(found)][offset : offset + limit]
        return answer(dump({"total": len(found), "offset": offset, "limit": limit, "facets": [], "results": results}))


def hit(state: State, ident: str, sku: str) -> Doc:
    product = state.collections["products"].peek(ident)
    variants = variants_of(product["masterData"]["current"])
    matched = [{"id": variant["id"], "sku": sku} for variant in variants if variant.get("sku") == sku]
    return {"id": ident, "matchingVariants": {"allMatched": len(matched) == len(variants), "matchedVariants": matched}}


def add_projections(app: Flask, state: State) -> None:
    state.followers["products"] = lambda product, gone: forget_product(state, product["id"]) if gone else follow_product(state, product)
    for prefix in ("/<project>", "/<project>/in-store/key=<store>"):
        tag = len(prefix)
        app.add_url_rule(
            f"{prefix}/{PATH}", f"projections{tag}", lambda project, store=None: list_projections(state, project, store), methods=["GET"]
        )
        app.add_url_rule(
            f"{prefix}/{PATH}/<path:ident>",
            f"projection{tag}",
            lambda project, ident, store=None: read_projection(state, project, ident, store),
            methods=["GET"],
        )
    app.add_url_rule("/<project>/products/search", "product-search", lambda project: search_products(state, project), methods=["POST"])
    app.add_url_rule("/<project>/orders/search", "order-search", lambda project: search_orders(state, project), methods=["POST"])


def search_orders(state: State, project_key: str) -> Response:
    enter(state, project_key, ("view_orders",))
    raise ApiError(404, "ObjectNotFound", f"No index found for project {project_key}.")
