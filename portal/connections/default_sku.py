"""Switching the Default SKU on needs a second person (D1); switching it off needs none."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.approvals import ApprovalError, ask, on_approval
from portal.accounts.models import ApprovalRequest, User
from portal.accounts.permissions import Action, check
from portal.connections.changes import set_default_sku, why_not
from portal.connections.models import Integration, Mode


def want(integration: Integration, sku: str, *, by: User, reason: str) -> str:
    """Ask for it, or end it; what follows, as a sentence. ValidationError where it is not allowed, ApprovalError without a reason."""
    verdict = check(by, Action.ENABLE_DEFAULT_SKU)
    sku = sku.strip()
    if sku == integration.default_sku:
        raise ValidationError("That is the Default SKU already; nothing was changed.")
    if not sku:
        set_default_sku(integration, "", by=by, at=timezone.now(), reason=reason)
        return "The Default SKU is off. A SKU that is not known now waits for a person."
    if integration.mode != Mode.FETCH:
        raise ValidationError("A Default SKU is allowed only where order fulfilments are fetched; it never stands in on an order or in stock.")
    summary = f"Let “{sku}” stand in for unknown SKUs on fulfilment imports of {integration.name}."
    ask(Action.ENABLE_DEFAULT_SKU, by=by, verdict=verdict, arguments={"integration": integration.pk, "sku": sku}, summary=summary, reason=reason)
    return "Asked. It holds once a second person agrees; until then nothing changes."


def switch_on(request: ApprovalRequest) -> str:
    integration = Integration.objects.present().filter(pk=request.arguments["integration"]).first()
    if integration is None:
        raise ApprovalError("The integration has been removed; nothing was changed.")
    try:
        set_default_sku(integration, request.arguments["sku"], by=request.requester, at=timezone.now(), reason=request.reason)
    except ValidationError as error:
        raise ApprovalError(why_not(error)) from error
    return f"{integration.name} uses {request.arguments['sku']} from the next run on; every use opens a case."


def connect() -> None:
    on_approval(Action.ENABLE_DEFAULT_SKU)(switch_on)
