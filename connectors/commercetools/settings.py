"""The options of one commercetools connection, read once into what the code asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.errors import ContractError
from connectors.ports import Account, Field
from connectors.reading import moment

EXPAND = "paymentInfo.payments[*], lineItems[*].supplyChannel, shippingInfo.shippingMethod, state"
SHIPMENT_STATES = ("Shipped", "Delivered", "Ready", "Pending", "Delayed", "Partial", "Backorder", "Canceled")
NONE = "none"
STATE_CHOICES = ((NONE, "do not touch it"), *((state, state) for state in SHIPMENT_STATES))
YES_NO = (("false", "no"), ("true", "yes"))

OPTION_FIELDS = (
    Field("start_at", "Start at", "Nothing changed before this time is read (ISO 8601, UTC). Empty: everything.", required=False),
    Field(
        "scopes",
        "Scopes",
        "What the token asks for, separated by spaces; the project key is added where it is missing. Empty: all the API client has.",
        required=False,
    ),
    Field("store_keys", "Only these stores", "Store keys, separated by commas. Empty: every store.", required=False),
    Field(
        "in_store",
        "API client limited to this store",
        "Store key; order calls then go through the store's own door, as a client with scopes of one store must.",
        required=False,
    ),
    Field("locales", "Languages of names", "In order of preference, separated by commas.", default="en-GB, en", required=False),
    Field("overlap_s", "Overlap (seconds)", "Each look begins this long before the end of the last one.", default="60", required=False, kind="int"),
    Field("page_size", "Orders a page", "1 to 500.", default="200", required=False, kind="int"),
    Field("expand", "Expand on orders", "Reference paths that orders are read with, separated by commas.", default=EXPAND, required=False),
    Field(
        "poll_messages",
        "Read the Messages API",
        "Changes then show sooner. Messages must be enabled in the project and the API client needs view_messages.",
        default="false",
        required=False,
        choices=YES_NO,
        kind="bool",
    ),
    Field(
        "ship_service",
        "Ship service is the shipping method's",
        "Falls back to the name where a method was not expanded or has no key.",
        default="key",
        required=False,
        choices=(("key", "key"), ("name", "name"), ("id", "id")),
    ),
    Field(
        "house_number",
        "House number",
        "Where streetNumber goes in the address line.",
        default="auto",
        required=False,
        choices=(("auto", "as the country writes it"), ("after", "after the street"), ("before", "before the street")),
    ),
    Field("note_field", "Note is the custom field", "Name of the order's custom field with the note for the warehouse.", required=False),
    Field("cancelled_line_states", "Line states that mean cancelled", "Keys or ids of line item states, separated by commas.", required=False),
    Field("shipped_state", "Shipment state when all has shipped", "", default="Shipped", required=False, choices=STATE_CHOICES),
    Field("partial_state", "Shipment state when part has shipped", "", default="Partial", required=False, choices=STATE_CHOICES),
    Field("shipped_transition", "Workflow state when all has shipped", "Key of a state of your own workflow. Empty: none.", required=False),
    Field("partial_transition", "Workflow state when part has shipped", "Key of a state of your own workflow. Empty: none.", required=False),
    Field("complete_order", "Set the order Complete when all has shipped", "", default="false", required=False, choices=YES_NO, kind="bool"),
    Field(
        "sync_channel",
        "Sync channel",
        "Key of a channel with role OrderExport; each dispatch is then written to the order's syncInfo. Empty: not written.",
        required=False,
    ),
    Field(
        "makes_refunds",
        "A payment integration carries out refunds",
        "A returned line then gets a Refund transaction (scope manage_payments). Off: a case asks people to give the money back.",
        default="false",
        required=False,
        choices=YES_NO,
        kind="bool",
    ),
    Field("tracking_provider", "Tracking provider", "Name written beside the carrier. Empty: none.", required=False),
    Field(
        "stock_writes",
        "A published level becomes",
        "quantityOnStock as it is; or with what carts and orders have reserved added to it, so that availableQuantity is the level.",
        default="on_stock",
        required=False,
        choices=(("on_stock", "quantity on stock"), ("available", "available quantity")),
    ),
    Field("create_entries", "Create missing inventory entries", "", default="true", required=False, choices=YES_NO, kind="bool"),
    Field("staged", "Catalogue also lists unpublished products", "", default="true", required=False, choices=YES_NO, kind="bool"),
    Field(
        "barcode_attribute", "Barcode attribute", "Names of variant attributes, in order of preference.", default="ean, gtin, barcode", required=False
    ),
    Field("weight_attribute", "Weight attribute", "Name of the variant attribute with the weight in grams. Empty: none.", required=False),
    Field(
        "catalogue_model",
        "Catalogue model",
        "",
        default="auto",
        required=False,
        choices=(("auto", "ask the project"), ("Classic", "Classic"), ("Modular", "Modular")),
    ),
)
DEFAULTS = {field.name: field.default for field in OPTION_FIELDS}


@dataclass(frozen=True)
class Settings:
    """An account's options with their defaults laid under them."""

    account: Account

    def text(self, name: str) -> str:
        return self.account.option(name, DEFAULTS[name]).strip()

    def flag(self, name: str) -> bool:
        return self.account.flag(name, default=DEFAULTS[name] == "true")

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip())

    def number(self, name: str, *, least: int, most: int) -> int:
        """A whole number within its bounds; the default where the text is none."""
        written = self.text(name)
        value = int(written) if written.isdigit() else int(DEFAULTS[name])
        return max(least, min(most, value))

    def state(self, name: str) -> str:
        """A shipment state to set; "" for none."""
        word = self.text(name)
        return "" if word == NONE else word

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes to ask for, each with its project key; () for whatever the API client has."""
        project = self.account.account
        words = [word for word in re.split(r"[\s,]+", self.text("scopes")) if word]
        return tuple(word if ":" in word else f"{word}:{project}" for word in words)

    @property
    def start_at(self) -> str:
        """The start as commercetools writes times; "" for the beginning."""
        written = self.text("start_at")
        return stamp(written) if written else ""


def stamp(written: str) -> str:
    """A time as commercetools writes it: UTC, milliseconds, Z."""
    try:
        at = moment(written, what="start")
    except ContractError as error:
        raise ContractError(f"The option “Start at” is “{written}”, which is not a date and time.", detail=error.sentence) from error
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
