"""A demo company: the flows between a Shopify shop and the portal, and small ones for trying triggers out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.patchworks.models import Doc, Flow, Step, Webhook
from connectors.sandbox.patchworks.shapes import SHAPES
from connectors.sandbox.patchworks.store import State

ORDERS_IN, SHOP_OUT = "Shopify → portal", "Portal → Shopify"
REFUNDS_IN, STOCK_OUT = "Shopify refunds and returns → portal", "Portal stock → Shopify"
Shapes = Sequence[tuple[str, str, Doc]]
READ: tuple[str, str, Doc] = ("Read orders that changed", "read_shop_orders", {})
DEMO: tuple[tuple[str, Shapes, Doc], ...] = (
    (
        ORDERS_IN,
        (READ, ("Map to the portal", "to_orders", {}), ("Post to the portal", "post_to_portal", {"resource": "orders"})),
        {"labels": ["orders"]},
    ),
    (
        SHOP_OUT,
        (
            ("Pull dispatches", "pull_from_portal", {"resource": "shipments", "query": {"pending": "true"}}),
            ("Write fulfilments", "write_fulfilments", {}),
            ("Acknowledge", "acknowledge", {"resource": "shipments"}),
        ),
        {"labels": ["dispatches"]},
    ),
    (
        REFUNDS_IN,
        (READ, ("Post refunds and returns", "post_money", {})),
        {"labels": ["returns"]},
    ),
    (
        STOCK_OUT,
        (
            ("Pull stock", "pull_from_portal", {"resource": "stock", "since": True}),
            ("Write levels", "write_stock", {}),
            ("Tell what is shown", "post_to_portal", {"resource": "stock"}),
        ),
        {"labels": ["stock"]},
    ),
    ("Echo", (("Echo", "echo", {}),), {"webhook": "echo"}),
    ("Order look-up", (("Answer", "callback", {}),), {"callback": "order_lookup"}),
)


def add_flow(here: State, name: str, shapes: Shapes, **more: Any) -> Flow:
    """A deployed flow, unless `draft`. `webhook` and `callback` name a trigger; its secret address is in the answer of GET /flows."""
    unknown = sorted({does for _, does, _ in shapes} - set(SHAPES))
    if unknown or not shapes:
        raise ValueError(f"no such shape: {', '.join(unknown)}" if unknown else "a flow has at least one shape")
    steps = [Step(here.next_id("step"), label, does, dict(args)) for label, does, args in shapes]
    version = None if more.pop("draft", False) else here.next_id("version")
    flow = Flow(here.next_id("flow"), name, steps, version, deployed_at=here.now() if version else None)
    for kind in ("webhook", "callback"):
        if kind in more:
            setattr(flow, kind, trigger(here, str(more.pop(kind)), hmac_secret=more.pop("hmac_secret", ""), answer=more.pop("answer", "")))
    for key, value in more.items():
        if not hasattr(flow, key):
            raise ValueError(f"a flow has no {key}")
        setattr(flow, key, value)
    here.flows[flow.id] = flow
    return flow


def trigger(here: State, name: str, *, hmac_secret: str, answer: str) -> Webhook:
    return Webhook(f"{name}-{here.next_id('hook')}", f"sig-{name}", hmac_secret, answer)


def seed_demo(here: State, *, every_s: float = 0.0) -> Doc:
    """The demo's flows, scheduled where `every_s` says so; their ids by name."""
    for name, shapes, more in DEMO:
        made = add_flow(here, name, shapes, **more)
        made.every_s = every_s if made.labels else 0.0
    return {"flows": {flow.name: flow.id for flow in here.flows.values()}}
