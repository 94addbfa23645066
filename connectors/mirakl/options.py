"""The options of one Mirakl connection: what differs from operator to operator, and what its documentation leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.errors import ContractError
from connectors.mirakl.profile import PROFILE_FIELDS, YES_NO
from connectors.ports import Account, Field
from connectors.reading import moment

DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t"}

OPTION_FIELDS = (
    *PROFILE_FIELDS,
    Field("start_at", "Start", "Nothing changed before this moment (ISO 8601) is read. Empty: everything.", required=False),
    Field("overlap_s", "Overlap (seconds)", "How far before its own start each poll looks back.", default="300", kind="int", required=False),
    Field(
        "sweep_days", "Read orders again (days)", "Orders changed within so many days are read again daily.", default="14", kind="int", required=False
    ),
    Field(
        "tracking_wait_min",
        "Wait for a tracking number (minutes)",
        "A dispatch without one is told only after so long: most operators take no tracking once an order is shipped. 0: at once.",
        default="240",
        kind="int",
        required=False,
    ),
    Field("cycle_days", "Read billing cycles again (days)", "Their payment is told later.", default="60", kind="int", required=False),
    Field("channel_codes", "Only these channels", "Codes of the operator's channels, separated by commas. Empty: every channel.", required=False),
    Field(
        "order_tax_mode",
        "Prices of orders",
        "Empty: as the marketplace expresses them.",
        choices=(("", "as the marketplace is set up"), ("TAX_INCLUDED", "with tax"), ("TAX_EXCLUDED", "without tax")),
        required=False,
    ),
    Field("locale", "Language of labels", "For example en_GB. Empty: the user's own.", required=False),
    Field("country_names", "Names of countries", "Where an address has a name without a code: Royaume-Uni=GB, Angleterre=GB.", required=False),
    Field(
        "customer_email",
        "Customer's e-mail",
        "Mirakl gives an anonymised address that forwards nothing.",
        default="notification",
        choices=(("notification", "the anonymised address"), ("none", "none: the customer is a guest")),
        required=False,
    ),
    Field(
        "email_field",
        "E-mail is the custom field",
        "Code of an order's custom field with the real address, where the operator has one.",
        required=False,
    ),
    Field(
        "note_field", "Note is the custom field", "Code of an order's custom field; otherwise the address's additional information.", required=False
    ),
    Field(
        "stock_import",
        "Stock goes by",
        "STO01 changes quantities only. Some operators do not have it: then OF01 with the columns sku, update-delete and quantity.",
        default="auto",
        choices=(("auto", "STO01, or OF01 where it is missing"), ("sto01", "STO01"), ("of01", "OF01")),
        required=False,
    ),
    Field(
        "csv_delimiter",
        "Columns of files are separated by",
        default="semicolon",
        choices=(("semicolon", "semicolon"), ("comma", "comma"), ("tab", "tab")),
        required=False,
    ),
    Field("csv_encoding", "Encoding of files", default="utf-8", choices=(("utf-8", "UTF-8"), ("iso-8859-1", "ISO 8859-1")), required=False),
    Field(
        "stock_every_s",
        "Send stock every (seconds)",
        "One file for everything that changed since. Mirakl takes one a minute at most.",
        default="61",
        kind="int",
        required=False,
    ),
    Field("import_wait_s", "Wait for a stock file (seconds)", "After that its outcome is looked up later.", default="60", kind="int", required=False),
    Field(
        "status_every_s",
        "Ask for a file's status (seconds)",
        "Not sooner than the operator allows: 15 for STO02, 60 for OF02, which is what is used where this is empty.",
        kind="int",
        required=False,
    ),
    Field("refund_reason", "Reason of refunds", "Code of type REFUND, used where a refund names none.", required=False),
    Field("return_method", "Method of returns we announce", default="RETURN_METHOD_BY_MAIL", required=False),
    Field("return_reason", "Reason of returns we announce", default="RETURN_OTHER", required=False),
    Field("return_rejection", "Reason for refusing a return", default="RETURN_REJECTION_NOT_ELIGIBLE", required=False),
    Field("non_compliance", "Reason for a faulty return", default="RETURN_NON_COMPLIANT_OTHER", required=False),
    Field(
        "close_returns",
        "Close a return when it is assessed",
        "Where compliance alone does not end it.",
        default="false",
        choices=YES_NO,
        kind="bool",
        required=False,
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

    def number(self, name: str, *, default: int = 0) -> int:
        """A whole number; the option's default, or this one, where the text is none."""
        for written in (self.text(name), DEFAULTS[name]):
            if written.isdecimal():
                return int(written)
        return default

    def pairs(self, name: str) -> dict[str, str]:
        """`a=b, c=d` as a table, its keys in lower case."""
        found = (pair.partition("=") for pair in self.text(name).split(",") if "=" in pair)
        return {key.strip().casefold(): value.strip() for key, _, value in found}

    @property
    def delimiter(self) -> str:
        return DELIMITERS.get(self.text("csv_delimiter"), ";")

    @property
    def start_at(self) -> str:
        written = self.text("start_at")
        if not written:
            return ""
        try:
            return stamp(moment(written, what="start"))
        except ContractError as error:
            raise ContractError(f"The option “Start” is “{written}”, which is not a date and time.", detail=error.sentence) from error


def stamp(at: datetime) -> str:
    """A moment as Mirakl takes it: UTC, seconds, Z."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
