"""One table row per resource, and the endpoints every resource has: list, create, read, update, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, Response, request

from connectors.sandbox.commercetools.auth import bearer, require
from connectors.sandbox.commercetools.collection import Collection, dump
from connectors.sandbox.commercetools.errors import ApiError, invalid_json, malformed, not_found
from connectors.sandbox.commercetools.expansion import expand
from connectors.sandbox.commercetools.predicate import Check, Inside, Node, Value
from connectors.sandbox.commercetools.query import Found, Query, read_query, run
from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.stock import show_due_stock
from connectors.sandbox.commercetools.store import State, Work, check_version
from connectors.sandbox.commercetools.updates import Actions, update

Creator = Callable[[Work, Doc], Doc]
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Resource:
    """What one resource type offers at its endpoints."""

    path: str
    view: tuple[str, ...]
    manage: tuple[str, ...] = ()
    create: Creator | None = None
    actions: Actions = field(default_factory=dict)
    named_by: str = "key"  # the other way to address one: key=… or order-number=…
    named_field: str = "key"
    decorate: Callable[[State, Doc], Doc] | None = None
    before_delete: Callable[[State, Doc], None] | None = None
    after_delete: Callable[[Work, Doc], None] | None = None
    in_store: bool = False


@dataclass(frozen=True)
class Ask:
    """One request at one resource, through its store where it came that way."""

    state: State
    resource: Resource
    client_id: str
    store: str | None = None

    @property
    def collection(self) -> Collection:
        return self.state.collections[self.resource.path]

    def work(self) -> Work:
        return Work(self.state, self.state.now(), author(self.client_id))


def author(client_id: str) -> Doc:
    user = request.headers.get("X-External-User-ID", "")[:128]
    return {"clientId": client_id, "isPlatformClient": False} | ({"externalUserId": user} if user else {})


def add_resource(app: Flask, state: State, resource: Resource) -> None:
    """Register the endpoints of a resource, and their in-store variants."""
    prefixes = ["/<project>"] + (["/<project>/in-store/key=<store>"] if resource.in_store else [])
    for prefix in prefixes:
        name = f"{resource.path}{len(prefix)}"

        def many(project: str, store: str | None = None) -> Response:
            return entered(state, resource, project=project, store=store, serve=on_collection)

        def one(project: str, ident: str, store: str | None = None) -> Response:
            return entered(state, resource, project=project, store=store, serve=lambda ask: on_document(ask, ident))

        app.add_url_rule(f"{prefix}/{resource.path}", f"{name}-many", many, methods=["GET", "POST"])
        app.add_url_rule(f"{prefix}/{resource.path}/<path:ident>", f"{name}-one", one, methods=["GET", "POST", "DELETE"])


def entered(state: State, resource: Resource, *, project: str, store: str | None, serve: Callable[[Ask], Response]) -> Response:
    """The way in to every endpoint: project, token, scope, the lock, and what falls due by now."""
    writes = request.method in ("POST", "DELETE")
    client_id = enter(state, project, resource.manage if writes else resource.view, store=store)
    if writes and not resource.manage:
        raise ApiError(405, "MethodNotAllowed", "Method not allowed.")
    with state.bench.lock:
        show_due(state)
        return serve(Ask(state, resource, client_id, store))


def enter(state: State, project: str, scopes: tuple[str, ...], *, store: str | None = None) -> str:
    if project != state.settings.project_key:
        raise not_found(project, by="key")
    token = bearer(state)
    require(token, scopes, project=project, store=store)
    return token.client_id


def show_due(state: State) -> None:
    now = state.now()
    state.log.show_due(now)
    state.log.forget_old(state.bench.clock.now(), state.project["messages"].get("deleteDaysAfterCreation", 15))
    show_due_stock(state, now)


def body_of_request() -> Doc:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise invalid_json("the body is not a JSON object")
    return body


def answer(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type=JSON)


def on_collection(ask: Ask) -> Response:
    if request.method == "POST":
        if ask.resource.create is None:
            raise ApiError(405, "MethodNotAllowed", "Method not allowed.")
        return show(ask, ask.resource.create(ask.work(), body_of_request()), status=201)
    query = read_query(request.args, ask.resource.path)
    found = run(query, ask.collection, ask.resource.path, only=only_store(ask), random=ask.state.shuffle)
    if request.method == "HEAD":
        return answer("", 200 if found.ids else 404)
    return answer(page(query, found, [render(ask, ident, query.expand) for ident in found.ids]))


def only_store(ask: Ask) -> Node | None:
    return Inside("store", Check("key", "=", (Value(ask.store),))) if ask.store is not None else None


def page(query: Query, found: Found, texts: list[str]) -> str:
    total = f'"total":{found.total},' if query.with_total else ""
    return f'{{"limit":{query.limit},"offset":{query.offset},"count":{len(texts)},{total}"results":[{",".join(texts)}]}}'


def render(ask: Ask, ident: str, paths: tuple[str, ...]) -> str:
    text = ask.collection.text(ident)
    if not paths and ask.resource.decorate is None:
        return text
    doc = ask.collection.get(ident) or {}
    return dump(dressed(ask, doc, paths))


def dressed(ask: Ask, doc: Doc, paths: tuple[str, ...]) -> Doc:
    if ask.resource.decorate is not None:
        doc = ask.resource.decorate(ask.state, doc)
    expand(ask.state, doc, paths)
    return doc


def show(ask: Ask, doc: Doc, *, status: int = 200) -> Response:
    return answer(dump(dressed(ask, doc, tuple(request.args.getlist("expand")))), status)


def locate(ask: Ask, ident: str) -> Doc:
    """The addressed document, or 404; one of another store is not found either."""
    resource = ask.resource
    named = f"{resource.named_by}="
    if ident.startswith(named):
        value = ident[len(named) :]
        found = ask.collection.find(resource.named_field, value)
        missing = not_found(value, by=resource.named_by.replace("-", " "))
    else:
        found, missing = ident, not_found(ident)
    doc = ask.collection.get(found) if found else None
    if doc is None or (ask.store is not None and doc.get("store", {}).get("key") != ask.store):
        raise missing
    return doc


def on_document(ask: Ask, ident: str) -> Response:
    doc = locate(ask, ident)
    if request.method == "POST":
        return show(ask, update(ask.work(), ask.resource.path, doc, body=body_of_request(), actions=ask.resource.actions))
    if request.method == "DELETE":
        return show(ask, delete(ask, doc))
    return show(ask, doc)


def delete(ask: Ask, doc: Doc) -> Doc:
    version = request.args.get("version", "")
    if not version.isdigit():
        raise malformed("version", "A version is required to delete.")
    check_version(doc, int(version))
    if ask.resource.before_delete is not None:
        ask.resource.before_delete(ask.state, doc)
    work = ask.work()
    work.remove(ask.resource.path, doc)
    if ask.resource.after_delete is not None:
        ask.resource.after_delete(work, doc)
    return doc
