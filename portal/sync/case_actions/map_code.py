"""Fix the mapping and send what it blocked, in one act (A1): the code is chosen from the other system's live list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from connectors.canonical import CodeKind
from exceptions.actions import ActionForm, CaseAction, Data, Preview, PreviewRow
from exceptions.errors import CaseError
from exceptions.models import ExceptionCase
from mappings import changes, live
from mappings.models import CarrierMapping, Mapping, ShipServiceMapping, SkuMapping, StoreMapping, WarehouseMapping
from portal.accounts.models import User
from portal.accounts.permissions import Action
from portal.connections.models import Connection, Integration
from portal.sync.case_actions.held_up import counted, messages_of

ACTIONS_OF = {
    CodeKind.CARRIER: Action.EDIT_CARRIER_MAPPING,
    CodeKind.SHIP_SERVICE: Action.EDIT_CARRIER_MAPPING,
    CodeKind.SKU: Action.EDIT_SKU_MAPPING,
    CodeKind.STORE: Action.EDIT_CONNECTION,
    CodeKind.WAREHOUSE: Action.EDIT_CONNECTION,
}
TO_CHANNEL = "to_channel"
SHOWN = 20


class MapCodeForm(ActionForm):
    """Which code of the other side it is, and why."""

    target = forms.CharField(label="Code in the other system", max_length=200)
    catch_all = forms.BooleanField(label="Yes, everything under this carrier name is that one carrier", required=False)
    reason = forms.CharField(label="Why (kept in the history)", max_length=300, initial="Mapped from the case")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        asked = question(self.case)
        if asked["kind"] != CodeKind.CARRIER:
            del self.fields["catch_all"]
        found = live.codes(target_of(self.case), CodeKind(asked["kind"]))
        if found.codes:
            choices = [("", "Choose …"), *((code.value, shown(code.label, code.value)) for code in found.codes)]
            self.fields["target"] = forms.ChoiceField(label=f"Code in {target_of(self.case)}", choices=choices)
        elif found.reason:
            self.fields["target"].help_text = found.reason


def shown(label: str, value: str) -> str:
    return f"{label} ({value})" if label and label != value else value


def question(case: ExceptionCase) -> dict[str, str]:
    """What the case asks: kind, value, label, store, service and direction of the unmapped code."""
    return {name: str(case.evidence.get(name) or "") for name in ("kind", "value", "label", "store", "service", "direction")}


def target_of(case: ExceptionCase) -> Connection:
    assert case.integration is not None
    return case.integration.channel if question(case)["direction"] == TO_CHANNEL else case.integration.hub


def row_for(case: ExceptionCase, target: str, *, catch_all: bool) -> Mapping:
    """The mapping row that answers the case's question."""
    asked, integration = question(case), case.integration
    assert integration is not None
    chosen = live.codes(target_of(case), CodeKind(asked["kind"])).find(target)
    label = chosen.label if chosen else ""
    return BUILDERS[CodeKind(asked["kind"])](integration, asked, target, label, catch_all)


def carrier(integration: Integration, asked: dict[str, str], target: str, label: str, catch_all: bool) -> Mapping:
    return CarrierMapping(
        integration=integration,
        hub_carrier=asked["value"],
        hub_label=asked["label"],
        hub_service=asked["service"],
        channel_code=target,
        channel_label=label,
        confirmed_catch_all=catch_all,
    )


def ship_service(integration: Integration, asked: dict[str, str], target: str, label: str, catch_all: bool) -> Mapping:
    return ShipServiceMapping(integration=integration, channel_code=asked["value"], channel_label=asked["label"], hub_code=target, hub_label=label)


def store(integration: Integration, asked: dict[str, str], target: str, label: str, catch_all: bool) -> Mapping:
    return StoreMapping(integration=integration, channel_code=asked["value"], hub_code=target, hub_label=label)


def warehouse(integration: Integration, asked: dict[str, str], target: str, label: str, catch_all: bool) -> Mapping:
    return WarehouseMapping(integration=integration, hub_code=asked["value"], hub_label=asked["label"], channel_code=target, channel_label=label)


def sku(integration: Integration, asked: dict[str, str], target: str, label: str, catch_all: bool) -> Mapping:
    if asked["direction"] == TO_CHANNEL:
        return SkuMapping(integration=integration, channel_sku=target, hub_sku=asked["value"])
    return SkuMapping(integration=integration, channel_sku=asked["value"], hub_sku=target)


BUILDERS = {
    CodeKind.CARRIER: carrier,
    CodeKind.SHIP_SERVICE: ship_service,
    CodeKind.STORE: store,
    CodeKind.WAREHOUSE: warehouse,
    CodeKind.SKU: sku,
}


def preview(case: ExceptionCase, data: Data) -> Preview:
    """How much goes again when it is saved."""
    messages = messages_of(case).select_related("order", "connection")
    target = str(data.get("target") or "the code you choose")
    rows = [PreviewRow(str(one.order or one.subject), "waits for the mapping", f"sent to {one.connection} with {target}") for one in messages[:SHOWN]]
    asked = question(case)
    return Preview(f"“{asked['value']}” becomes {target}; {counted(messages.count(), 'message')} that waited will be sent again.", rows)


def run(case: ExceptionCase, by: User, data: Data) -> str:
    waiting = messages_of(case).count()
    try:
        changes.save(
            row_for(case, str(data["target"]), catch_all=bool(data.get("catch_all"))), by=by, reason=str(data.get("reason") or "Mapped from the case")
        )
    except ValidationError as error:
        raise CaseError(" ".join(error.messages)) from error
    return f"Mapped. {counted(waiting, 'message')} that waited for it go now; the case closes when they have arrived."


ACTION = CaseAction(
    name="map_code",
    label="Map it and send what waits",
    action=lambda case: ACTIONS_OF[CodeKind(question(case)["kind"])],
    run=run,
    preview=preview,
    form=MapCodeForm,
    applies=lambda case: case.integration is not None and question(case)["kind"] in set(CodeKind),
    help="Saves the mapping for this and every later order, and sends everything it blocked.",
    key="m",
)
