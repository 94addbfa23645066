"""Dispatches and stock for a flow: in the shapes of our API's own answers, with a key that tells one handing over from another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from connectors.canonical import DispatchNotice, Done, Proof, ShipmentLine, StockTarget, StockVerdict
from connectors.errors import Rejected
from connectors.patchworks.client import Client
from connectors.patchworks.settings import PULL
from connectors.patchworks.triggers import Way, hand_over, run_with
from connectors.reading import dump


def confirm(client: Client, notice: DispatchNotice) -> Done:
    """Start the flow that tells the shop. The shop's own word, or the flow's acknowledgement, is the proof; this is none."""
    way = Way.of(client, "dispatch")
    if way.by == PULL:
        return Done("", proof=Proof.OFFERED)
    if notice.unclear_since is not None:
        found = run_with(client, way, notice.key, since=notice.unclear_since)
        if found is not None:
            return Done(found, link=client.settings.run_link(found), found=True, proof=Proof.LATER)
    run = hand_over(client, way, dump(dispatch_body(notice)))
    return Done(run or notice.key, link=client.settings.run_link(run) if run else "", proof=Proof.LATER)


def dispatch_body(notice: DispatchNotice) -> dict[str, Any]:
    sent = notice.shipment
    common = {"carrier": sent.carrier_code, "carrierName": sent.carrier_label, "service": sent.service_code}
    lines = [line_body(line) for line in sent.lines]
    packages = [
        {
            **common,
            "trackingNumber": parcel.tracking_number,
            "trackingUrl": parcel.tracking_url,
            "lineItems": [line_body(line) for line in parcel.lines] or (lines if len(sent.parcels) == 1 else []),
        }
        for parcel in sent.parcels
    ]
    return {
        "_portal": {"correlation_id": notice.key},
        "externalId": sent.reference,
        "orderExternalId": notice.order_reference,
        "shippedAt": sent.shipped_at.isoformat() if sent.shipped_at else None,
        "location": sent.warehouse_code,
        "complete": notice.complete,
        "final": notice.final,
        "lineItems": lines,
        "packages": packages or [{**common, "trackingNumber": "", "trackingUrl": "", "lineItems": lines}],
    }


def line_body(line: ShipmentLine) -> dict[str, Any]:
    return {"id": line.order_line, "sku": line.sku, "quantity": line.quantity}


def publish(client: Client, targets: Sequence[StockTarget]) -> Iterable[StockVerdict]:
    """Levels are absolute, so a lost answer is simply sent again. Too much for one payload goes in halves."""
    way = Way.of(client, "stock")
    if way.by == PULL:
        return [verdict(target, Proof.OFFERED) for target in targets]
    try:
        run = hand_over(client, way, dump([level_body(target) for target in targets]))
    except Rejected as error:
        if error.code != "413" or len(targets) < 2:
            raise
        half = len(targets) // 2
        return [*publish(client, targets[:half]), *publish(client, targets[half:])]
    return [verdict(target, Proof.LATER, run) for target in targets]


def level_body(target: StockTarget) -> dict[str, Any]:
    return {"sku": target.sku, "location": target.warehouse_code, "available": target.quantity}


def verdict(target: StockTarget, proof: Proof, run: str = "") -> StockVerdict:
    return StockVerdict(target.sku, target.warehouse_code, ok=True, proof=proof, sentence=f"Given to run {run}." if run else "")
