"""Accounts at vendors and the integrations between them."""

from __future__ import annotations

from portal.connections.models.calls import AccessToken, CallBudget
from portal.connections.models.choices import SINGLE_MODE, ItemIdentifier, Master, Mode, Operator, PaymentGate
from portal.connections.models.connection import Connection, ConnectionQuerySet, Health, check_time_zone
from portal.connections.models.integration import FilterRow, Integration, IntegrationQuerySet

__all__ = [
    "SINGLE_MODE", "AccessToken", "CallBudget", "Connection", "ConnectionQuerySet", "FilterRow", "Health", "Integration", "IntegrationQuerySet",
    "ItemIdentifier", "Master", "Mode", "Operator", "PaymentGate", "check_time_zone",
]  # fmt: skip
