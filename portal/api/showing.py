"""A flow says that the shop shows a dispatch: as good as having seen it, and kept with who said so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.ledger.models import Shipment
from portal.sync.claim import lock_orders
from portal.sync.confirm import confirm
from portal.sync.dispatched import told
from portal.sync.subjects import shipment_subject


def shown(shipments: Sequence[Shipment], *, token: Any, run_id: str, at: datetime) -> set[int]:
    """Mark them as shown, each in a transaction of its own; the ids that are shown now."""
    proof = {"acknowledged by": str(token or "a person"), **({"run": run_id} if run_id else {})}
    for shipment in shipments:
        with transaction.atomic():
            lock_orders([shipment.order_id])
            told(shipment, tracked=True, proof=proof, at=at)
            confirm("confirm_shipment", shipment_subject(shipment), at=at)
    return {shipment.pk for shipment in shipments}
