"""Puts a message into its target's codes at delivery time, through the module of its kind."""

from __future__ import annotations

from datetime import datetime
from types import ModuleType

from portal.sync.kinds import (
    Request,
    announce_return,
    cancel_order,
    confirm_shipment,
    create_order,
    decide_order,
    lower_order,
    refund,
    release_order,
    save_variant,
    tell_return,
)
from portal.sync.models import OutboundMessage

KINDS: dict[str, ModuleType] = {
    "create_order": create_order,
    "cancel_order": cancel_order,
    "confirm_shipment": confirm_shipment,
    "decide_order": decide_order,
    "lower_order": lower_order,
    "release_order": release_order,
    "save_variant": save_variant,
    "announce_return": announce_return,
    "refund": refund,
    "tell_return": tell_return,
}


def translate(message: OutboundMessage, *, at: datetime) -> Request:
    """The request to make. UnmappedCode when a code has no mapping; NotYet or Moot when there is nothing to send now."""
    request: Request = KINDS[message.kind].prepare(message, at=at)
    return request
