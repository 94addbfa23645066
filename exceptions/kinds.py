"""The 33 kinds of case: whose it is, who may act, how bad it is and by when. One row a kind; the words are in `playbooks.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Protocol

from exceptions.playbooks import PLAYBOOKS, Playbook
from portal.accounts.roles import Role

CX, FIN, OPS, MER, ADM = Role.CX, Role.FIN, Role.OPS, Role.MER, Role.ADM


class Severity(IntEnum):
    """How bad it is; the smaller, the worse."""

    S1 = 1
    S2 = 2
    S3 = 3
    S4 = 4

    @property
    def label(self) -> str:
        return f"S{self.value}"

    @property
    def meaning(self) -> str:
        return MEANINGS[self]


S1, S2, S3, S4 = Severity
MEANINGS = {S1: "money or the seller account within hours", S2: "customers notice", S3: "data to put right", S4: "good to know"}


class Clock(StrEnum):
    """When the minutes count."""

    ALWAYS = "24x7"
    OFFICE = "BH"  # the team's business hours

    @property
    def label(self) -> str:
        return "day and night" if self is Clock.ALWAYS else "in the team's business hours"


ALWAYS, OFFICE = Clock
HOUR = 60
DAY = 510  # a working day, 09:00-17:30; every limit in days counts business hours


class HasSystem(Protocol):
    system: str


@dataclass(frozen=True)
class Kind:
    """One row of the table. `on_mirakl`: severity and clock where the case concerns a Mirakl account.

    `folds`: a connection that is down can be the cause, so such cases wait under its incident.
    """

    code: str
    name: str
    owner: Role
    may_act: frozenset[Role]
    may_fix: frozenset[Role]
    severity: Severity
    ack_min: int
    resolve_min: int
    clock: Clock
    actions: tuple[str, ...] = ()
    on_mirakl: tuple[Severity, Clock] | None = None
    deadline_share: float = 1.0  # ours ends after this part of the outside window at the latest
    worse_after_days: int = 0  # S1 from this age on
    closes_itself: bool = True
    folds: bool = False

    def __post_init__(self) -> None:
        if self.owner not in tuple(Role) or self.owner not in self.may_act:
            raise ValueError(f"{self.code} has no owner who may act; a case of it would be nobody's")

    @property
    def words(self) -> Playbook:
        return PLAYBOOKS[self.code]

    def severity_at(self, connection: HasSystem | None) -> Severity:
        return self.on_mirakl[0] if self.on_mirakl and connection is not None and connection.system == "mirakl" else self.severity

    def clock_at(self, connection: HasSystem | None) -> Clock:
        return self.on_mirakl[1] if self.on_mirakl and connection is not None and connection.system == "mirakl" else self.clock


def _kind(  # noqa: PLR0917 - a row of the table below reads by its columns
    code: str, name: str, who: tuple[Role, ...], fix: tuple[Role, ...], bad: Severity, limits: tuple[int, int], clock: Clock, **more: Any
) -> Kind:
    """The first of `who` owns it."""
    return Kind(code, name, who[0], frozenset(who), frozenset(fix), bad, *limits, clock, OFFERED.get(code, ()), **more)


# What a person can set in motion from a case of the kind; who may is asked of `portal.accounts.permissions`.
FLOWS = ("push_again", "rerun_flow", "rerun_partial")  # where a flow of an integration platform is part of it
OFFERED: dict[str, tuple[str, ...]] = {
    "E01": ("retry", "accept_line", "refuse_line"),
    "E02": ("record_contact",),
    "E03": ("correct_order", "retry", "cancel_order"),
    "E04": ("retry", "correct_order", "cancel_order", *FLOWS),
    "E05": ("retry", "cancel_order"),
    "E06": ("link_counterpart",),
    "E07": ("cancel_order",),
    "E08": ("accept_payment_hold", "cancel_order"),
    "E09": ("record_contact", "cancel_order"),
    "E10": ("retry",),
    "E11": ("map_code", "refuse_line", "correct_order", "retry"),
    "E12": ("map_code",),
    "E13": ("map_code",),
    "E14": ("map_code",),
    "E15": ("map_code",),
    "E16": ("map_code", "correct_order", "retry"),
    "E17": ("map_code", "retry"),
    "E18": ("retry", *FLOWS),
    "E19": ("retry",),
    "E20": ("retry",),
    "E21": ("map_code", "retry", *FLOWS),
    "E22": ("retry", "push_again"),
    "E23": ("cancel_order", "record_contact"),
    "E24": ("map_code", "retry"),
    "E25": ("match_return", "record_disposition", *FLOWS),
    "E26": ("release_refund",),
    "E27": ("write_off_goods",),
    "E29": ("cancel_order",),
    "E31": ("link_counterpart",),
    "E32": ("verify_connection", *FLOWS),
    "E33": ("map_code",),
}
_TABLE = (
    #     code   name                                     owner, may act   may fix  sev (ack, resolve)      clock
    _kind("E01", "Marketplace order not accepted",        (OPS, ADM),      (OPS,),  S1, (15, HOUR),        ALWAYS, deadline_share=0.25, folds=True),
    _kind("E02", "Marketplace order refused by the clock", (CX, OPS),       (),      S1, (30, 4 * HOUR),    ALWAYS, closes_itself=False),
    _kind("E03", "Order incomplete",                      (CX, OPS),       (CX,),   S2, (30, 4 * HOUR),    OFFICE),
    _kind("E04", "Order did not get through",             (OPS, ADM),      (OPS,),  S1, (15, 2 * HOUR),    ALWAYS, folds=True),
    _kind("E05", "Order missing in the warehouse",        (OPS, ADM),      (OPS,),  S1, (15, 2 * HOUR),    ALWAYS, folds=True),
    _kind("E06", "Order known on one side only",          (OPS,),          (),      S2, (HOUR, DAY),       OFFICE),
    _kind("E07", "Order perhaps there twice",             (OPS, CX),       (),      S1, (15, HOUR),        ALWAYS),
    _kind("E08", "Payment not settled in time",           (FIN, CX),       (),      S2, (HOUR, 4 * HOUR),  OFFICE),
    _kind("E09", "Order changed after it was sent",       (CX, OPS),       (),      S1, (15, HOUR),        ALWAYS),
    _kind("E10", "Price does not agree",                  (MER, FIN),      (MER,),  S2, (HOUR, 4 * HOUR),  OFFICE),
    _kind("E11", "SKU not known",                         (MER, OPS),      (MER,),  S2, (30, 2 * HOUR),    OFFICE, on_mirakl=(S1, ALWAYS)),
    _kind("E12", "One SKU, two products",                 (MER, ADM),      (MER,),  S2, (HOUR, DAY),       OFFICE),
    _kind("E13", "Catalogues differ",                     (MER,),          (MER,),  S3, (DAY, 3 * DAY),    OFFICE),
    _kind("E14", "Stock that cannot be sold",             (MER, OPS),      (MER,),  S3, (DAY, 3 * DAY),    OFFICE),
    _kind("E15", "SKU edited by hand",                    (MER, ADM),      (MER,),  S2, (4 * HOUR, DAY),   OFFICE),
    _kind("E16", "Carrier or service not mapped",         (OPS, ADM),      (OPS,),  S1, (30, 2 * HOUR),    ALWAYS),
    _kind("E17", "Tracking refused by the channel",       (OPS, ADM),      (OPS,),  S1, (30, 2 * HOUR),    ALWAYS),
    _kind("E18", "Shipped, but the channel does not know", (OPS, CX),       (OPS,),  S1, (30, 2 * HOUR),    ALWAYS, folds=True),
    _kind("E19", "Part of the order is stuck",            (OPS,),          (),      S2, (HOUR, 8 * HOUR),  OFFICE),
    _kind("E20", "The systems tell different states",     (OPS, ADM),      (),      S2, (HOUR, 4 * HOUR),  OFFICE, folds=True),
    _kind("E21", "Stock update refused",                  (OPS, MER),      (MER,),  S2, (30, 2 * HOUR),    ALWAYS, folds=True),
    _kind("E22", "Stock differs or is late",              (OPS,),          (OPS,),  S2, (30, 2 * HOUR),    ALWAYS, folds=True),
    _kind("E23", "Sold more than there is",               (CX, OPS, FIN),  (),      S1, (15, 2 * HOUR),    ALWAYS),
    _kind("E24", "Store or warehouse not mapped",         (ADM,),          (ADM,),  S2, (HOUR, 4 * HOUR),  OFFICE),
    _kind("E25", "Return nobody authorised",              (OPS, CX),       (),      S2, (4 * HOUR, DAY),   OFFICE),
    _kind("E26", "Goods back, money not",                 (CX, FIN),       (),      S2, (4 * HOUR, 2 * DAY), OFFICE, worse_after_days=5),
    _kind("E27", "Money back, goods not",                 (FIN, OPS),      (),      S2, (DAY, 5 * DAY),    OFFICE),
    _kind("E28", "Shipped, payment not taken",            (FIN,),          (),      S1, (2 * HOUR, DAY),   OFFICE),
    _kind("E29", "Paid, never shipped",                   (FIN, CX),       (),      S1, (2 * HOUR, DAY),   OFFICE),
    _kind("E30", "Payout differs from the sales",         (FIN,),          (),      S2, (DAY, 5 * DAY),    OFFICE),
    _kind("E31", "Fee or penalty without a cause",        (FIN, OPS),      (),      S2, (DAY, 5 * DAY),    OFFICE),
    _kind("E32", "Connection down or silent",             (ADM, OPS),      (ADM,),  S1, (10, HOUR),        ALWAYS),
    _kind("E33", "Default SKU used",                      (MER,),          (MER,),  S4, (DAY, 3 * DAY),    OFFICE),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.code: kind for kind in _TABLE}
