"""The kinds of mapping, as one table: what each is called, who keeps it, and which of its codes come from whose list."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.canonical import CodeKind
from mappings.models import CarrierMapping, Mapping, ShipServiceMapping, SkuAlias, SkuMapping, StoreMapping, WarehouseMapping
from portal.accounts.models import User
from portal.accounts.permissions import Action, Verdict, allowed
from portal.accounts.permissions import Kind as Subject

CHANNEL, HUB = "channel", "hub"


@dataclass(frozen=True)
class Kind:
    """`lists`: code field → the side whose live list it is chosen from. `fields`: what a form and a file show, key first."""

    slug: str
    table: type[Mapping]
    code_kind: CodeKind
    name: str
    noun: str
    about: str
    action: Action
    subject: Subject
    fields: tuple[str, ...]
    lists: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()  # code field → the field that keeps its name
    optional: tuple[str, str] = ("", "")  # a code that may be empty, and what empty means

    @property
    def is_sku(self) -> bool:
        return self.code_kind is CodeKind.SKU

    @property
    def scope(self) -> str:
        """The field that says where a row holds."""
        return "connection" if self.table is SkuAlias else "integration"


BOTH = (("channel_code", "channel_label"), ("hub_code", "hub_label"))
KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            slug="ship_service",
            table=ShipServiceMapping,
            code_kind=CodeKind.SHIP_SERVICE,
            name="Ship services",
            noun="ship service",
            about="The delivery method of the channel and the service the warehouse ships it by.",
            action=Action.EDIT_CARRIER_MAPPING,
            subject=Subject.SERVICE,
            fields=("store", "channel_code", "hub_code", "way_back"),
            lists=(("store", CHANNEL), ("channel_code", CHANNEL), ("hub_code", HUB)),
            labels=BOTH,
        ),
        Kind(
            slug="carrier",
            table=CarrierMapping,
            code_kind=CodeKind.CARRIER,
            name="Carriers",
            noun="carrier",
            about="The carrier the warehouse used and the carrier the channel is told.",
            action=Action.EDIT_CARRIER_MAPPING,
            subject=Subject.CARRIER,
            fields=("store", "hub_carrier", "hub_service", "tracking_pattern", "channel_code", "confirmed_catch_all", "way_back"),
            lists=(("store", CHANNEL), ("hub_carrier", HUB), ("channel_code", CHANNEL)),
            labels=(("hub_carrier", "hub_label"), ("channel_code", "channel_label")),
        ),
        Kind(
            slug="store",
            table=StoreMapping,
            code_kind=CodeKind.STORE,
            name="Stores",
            noun="store",
            about="The channel's store and the store its orders arrive under in the warehouse.",
            action=Action.EDIT_CONNECTION,
            subject=Subject.STORE,
            fields=("channel_code", "hub_code", "way_back"),
            lists=(("channel_code", CHANNEL), ("hub_code", HUB)),
            labels=BOTH,
            optional=("channel_code", "The channel has one store, without a code"),
        ),
        Kind(
            slug="warehouse",
            table=WarehouseMapping,
            code_kind=CodeKind.WAREHOUSE,
            name="Warehouses",
            noun="warehouse",
            about="The warehouse or facility of the hub and the place of the channel that shows its stock.",
            action=Action.EDIT_CONNECTION,
            subject=Subject.WAREHOUSE,
            fields=("hub_code", "channel_code", "way_back"),
            lists=(("hub_code", HUB), ("channel_code", CHANNEL)),
            labels=BOTH,
            optional=("channel_code", "The channel's one global stock"),
        ),
        Kind(
            slug="sku",
            table=SkuMapping,
            code_kind=CodeKind.SKU,
            name="SKUs",
            noun="SKU",
            about="Only the exceptions: a SKU that is the same on both sides needs no row.",
            action=Action.EDIT_SKU_MAPPING,
            subject=Subject.SKU,
            fields=("channel_sku", "hub_sku", "hub_reference", "way_back"),
        ),
        Kind(
            slug="sku_alias",
            table=SkuAlias,
            code_kind=CodeKind.SKU,
            name="SKU aliases",
            noun="SKU alias",
            about="A SKU that changed in one system: old and new stay one product, and its history stays joined.",
            action=Action.EDIT_SKU_MAPPING,
            subject=Subject.SKU,
            fields=("old", "new"),
        ),
    )
}
OF_CODE = {kind.code_kind: kind for kind in KINDS.values() if kind.slug != "sku_alias"}
PERIOD = ("effective_from", "effective_to", "note")


def kind_of(row: Mapping) -> Kind:
    return next(kind for kind in KINDS.values() if isinstance(row, kind.table))


def may_edit(user: User, kind: Kind) -> Verdict:
    return allowed(user, kind.action, kind=kind.subject)
