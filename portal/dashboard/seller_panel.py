"""On a case about a marketplace's clock: what it means for our standing with that operator."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from connectors.ports import Ability
from exceptions.models import ExceptionCase
from portal.dashboard.sellers import standing

KINDS = ("E01", "E02")


def seller_panel(case: ExceptionCase, subject: str) -> tuple[str, dict[str, Any]] | None:
    """Nothing for other kinds, and nothing where no marketplace is concerned."""
    if case.kind not in KINDS or case.connection is None or Ability.DECIDE_ORDER not in case.connection.vendor.abilities:
        return None
    seller = standing(case.connection, at=timezone.now())
    touched = [rate for rate in seller.rates if rate.slug in ("refusal", "late_acceptance")]
    return "dashboard/seller_panel.html", {"seller": seller, "rates": touched}
