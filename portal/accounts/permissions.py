"""Who may do what: the whole table as one literal, and the one question asked of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import models

from portal.accounts.roles import Role, spoken

if TYPE_CHECKING:
    from portal.accounts.models import User


class Action(models.TextChoices):
    """Everything a person can do; the label reads after “may” and “cannot”."""

    SEE_INBOX = "see_inbox", "see the inbox and order journeys"
    SEE_PERSONAL_DATA = "see_personal_data", "see customers' personal data"
    SEE_EVIDENCE = "see_evidence", "see the requests and answers exchanged with other systems"
    TAKE_PART = "take_part", "comment, claim and assign"
    REASSIGN = "reassign", "hand a case to another team"
    SNOOZE = "snooze", "snooze a case"
    REPLAY_ONE = "replay_one", "send one item again"
    REPLAY_GROUP = "replay_group", "send a whole group again"
    CORRECT_ORDER = "correct_order", "correct order data"
    EDIT_PAYLOAD = "edit_payload", "edit a raw message"
    RESOLVE_FIXED = "resolve_fixed", "resolve a case as fixed and verified"
    RESOLVE_BY_HAND = "resolve_by_hand", "resolve a case as done by hand"
    WRITE_OFF = "write_off", "stop trying and write off"
    DECIDE_LINE = "decide_line", "accept or refuse a marketplace line"
    RELEASE_REFUND = "release_refund", "release a refund before the goods are back"
    EDIT_CARRIER_MAPPING = "edit_carrier_mapping", "edit carrier and service mappings"
    EDIT_SKU_MAPPING = "edit_sku_mapping", "edit SKU mappings and aliases"
    EDIT_CONNECTION = "edit_connection", "edit connections, stores, schedules and credentials"
    IMPORT_MAPPINGS = "import_mappings", "import mappings from a file"
    ENABLE_DEFAULT_SKU = "enable_default_sku", "switch on the Default SKU"
    CHANGE_BUFFERS = "change_buffers", "change stock buffers and peak mode"
    CLOSE_PERIOD = "close_period", "set tolerances and close a period"
    REOPEN_PERIOD = "reopen_period", "reopen a closed period"
    EDIT_PLAYBOOKS = "edit_playbooks", "edit playbooks, time limits and ownership"
    EXPORT = "export", "export reports and evidence"
    READ_AUDIT = "read_audit", "read the audit trail"
    MANAGE_PEOPLE = "manage_people", "manage people and their roles"


class Kind(models.TextChoices):
    """What exactly it is done to, where the table says so."""

    ADDRESS = "address", "the address"
    DELIVERY_METHOD = "delivery_method", "the delivery method"
    SKU_LINE = "sku_line", "the SKU of a line"
    ACCEPT = "accept", "accepting"
    REFUSE = "refuse", "refusing"
    CARRIER = "carrier", "carriers"
    SERVICE = "service", "ship services"
    SKU = "sku", "SKUs"
    STORE = "store", "stores"
    WAREHOUSE = "warehouse", "warehouses"
    OWN_EVENTS = "own_events", "your own actions"


@dataclass(frozen=True)
class Rule:
    """One cell of the table."""

    own_team: bool = False  # only for case types in which the role may act
    lead: bool = False  # only for those who lead the team
    only: frozenset[Kind] = frozenset()  # only for these; empty: whatever it is done to
    ask: bool = False  # always needs a second person
    ask_beyond_limit: bool = False  # needs one when the amount or the number is beyond the limit
    by: Role | None = None  # the second person holds this role; None: any role with a cell of its own here


def only(*kinds: Kind, ask_beyond_limit: bool = False) -> Rule:
    return Rule(only=frozenset(kinds), ask_beyond_limit=ask_beyond_limit)


NO = None
YES = Rule()
OWN = Rule(own_team=True)
ASK = Rule(ask=True)
LEAD = Rule(lead=True)
YES_OR_ASK = Rule(ask_beyond_limit=True)
OWN_OR_ASK = Rule(own_team=True, ask_beyond_limit=True)
ASK_FINANCE = Rule(ask=True, by=Role.FIN)
OWN_TRAIL = only(Kind.OWN_EVENTS)
SHIPPING_OR_ASK = only(Kind.CARRIER, Kind.SERVICE, ask_beyond_limit=True)
SKUS_OR_ASK = only(Kind.SKU, ask_beyond_limit=True)

COLUMNS = (Role.CX, Role.FIN, Role.OPS, Role.MER, Role.ADM, Role.AUD)
TABLE: dict[Action, tuple[Rule | None, ...]] = {
    #                               CX      FIN    OPS    MER    ADM    AUD
    Action.SEE_INBOX:              (YES,    YES,   YES,   YES,   YES,   YES),
    Action.SEE_PERSONAL_DATA:      (YES,    OWN,   YES,   NO,    NO,    NO),
    Action.SEE_EVIDENCE:           (OWN,    OWN,   YES,   OWN,   YES,   YES),
    Action.TAKE_PART:              (YES,    YES,   YES,   YES,   YES,   NO),
    Action.REASSIGN:               (YES,    YES,   YES,   YES,   YES,   NO),
    Action.SNOOZE:                 (OWN,    OWN,   OWN,   OWN,   YES,   NO),
    Action.REPLAY_ONE:             (OWN,    NO,    YES,   OWN,   YES,   NO),
    Action.REPLAY_GROUP:           (NO,     NO,    YES_OR_ASK, OWN_OR_ASK, YES_OR_ASK, NO),
    Action.CORRECT_ORDER:          (only(Kind.ADDRESS), NO, only(Kind.DELIVERY_METHOD), only(Kind.SKU_LINE), NO, NO),
    Action.EDIT_PAYLOAD:           (NO,     NO,    NO,    NO,    ASK,   NO),
    Action.RESOLVE_FIXED:          (OWN,    OWN,   OWN,   OWN,   OWN,   NO),
    Action.RESOLVE_BY_HAND:        (OWN,    OWN,   OWN,   OWN,   NO,    NO),
    Action.WRITE_OFF:              (NO,     YES_OR_ASK, ASK_FINANCE, NO, NO, NO),
    Action.DECIDE_LINE:            (only(Kind.REFUSE), NO, YES, NO, NO, NO),
    Action.RELEASE_REFUND:         (ASK_FINANCE, ASK, NO, NO,    NO,    NO),
    Action.EDIT_CARRIER_MAPPING:   (NO,     NO,    YES,   NO,    YES,   NO),
    Action.EDIT_SKU_MAPPING:       (NO,     NO,    NO,    YES,   YES,   NO),
    Action.EDIT_CONNECTION:        (NO,     NO,    NO,    NO,    YES,   NO),
    Action.IMPORT_MAPPINGS:        (NO,     NO,    SHIPPING_OR_ASK, SKUS_OR_ASK, YES_OR_ASK, NO),
    Action.ENABLE_DEFAULT_SKU:     (NO,     NO,    NO,    ASK,   ASK,   NO),
    Action.CHANGE_BUFFERS:         (NO,     NO,    YES,   YES,   YES,   NO),
    Action.CLOSE_PERIOD:           (NO,     YES,   NO,    NO,    NO,    NO),
    Action.REOPEN_PERIOD:          (NO,     ASK,   NO,    NO,    NO,    NO),
    Action.EDIT_PLAYBOOKS:         (LEAD,   LEAD,  LEAD,  LEAD,  YES,   NO),
    Action.EXPORT:                 (OWN,    YES,   YES,   YES,   YES,   YES),
    Action.READ_AUDIT:             (OWN_TRAIL, YES, OWN_TRAIL, OWN_TRAIL, YES, YES),
    Action.MANAGE_PEOPLE:          (NO,     NO,    NO,    NO,    YES,   NO),
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """The answer to “may they?”: now and alone (`yes`), after a second person agrees (`needs_approval`), or not; and why, for the page."""

    yes: bool
    why: str
    needs_approval: bool = False
    approvers: frozenset[Role] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return self.yes


def rule_for(role: Role, action: Action) -> Rule | None:
    return TABLE[action][COLUMNS.index(role)]


def holders(action: Action) -> frozenset[Role]:
    """The roles whose cell says anything but no."""
    return frozenset(role for role in COLUMNS if rule_for(role, action))


def allowed(
    user: User | AnonymousUser,
    action: Action,
    *,
    owner: Role | Collection[Role] | None = None,
    kind: Kind | None = None,
    beyond_limit: bool = False,
) -> Verdict:
    """May this person do this? The best of their roles counts.

    `owner`: the team of the case type, or all the roles that may act on the type; without it, “own team” is a no.
    `beyond_limit`: the amount or the number is above what one person decides alone.
    """
    held: frozenset[Role] = getattr(user, "roles", frozenset())
    if not held:
        return Verdict(yes=False, why="You hold no role yet. Ask an admin to give you one.")
    asked = _Asked(action, frozenset((owner,) if isinstance(owner, Role) else (owner or ())), kind, beyond_limit)
    leading = frozenset(role for role in held if user.is_authenticated and user.leads(role))
    verdicts = [_judge(role, rule, asked, leads=role in leading) for role in COLUMNS if role in held and (rule := rule_for(role, action))]
    flat_no = Verdict(yes=False, why=f"You cannot {action.label}: that is for {spoken(holders(action))}.")
    return max(verdicts, key=lambda verdict: (verdict.yes, verdict.needs_approval), default=flat_no)


def may_ever(user: User | AnonymousUser, action: Action) -> Verdict:
    """Is there anything at all for which they may do it, alone or with a second person? For menus and doors of pages."""
    held: frozenset[Role] = getattr(user, "roles", frozenset())
    for role in COLUMNS:
        rule = rule_for(role, action)
        if role in held and rule and (not rule.lead or (user.is_authenticated and user.leads(role))):
            return Verdict(yes=True, why=f"{role.label} may {action.label}.")
    return allowed(user, action)


class NotAllowedError(PermissionDenied):
    """The server said no; the text is the sentence the page shows."""


def check(
    user: User | AnonymousUser, action: Action, *, owner: Role | Collection[Role] | None = None, kind: Kind | None = None, beyond_limit: bool = False
) -> Verdict:
    """The verdict when they may, alone or with a second person; otherwise NotAllowedError with the reason."""
    verdict = allowed(user, action, owner=owner, kind=kind, beyond_limit=beyond_limit)
    if not verdict.yes and not verdict.needs_approval:
        raise NotAllowedError(verdict.why)
    return verdict


@dataclass(frozen=True)
class _Asked:
    """The question, as every cell is held against it."""

    action: Action
    teams: frozenset[Role]
    kind: Kind | None
    beyond_limit: bool


def _judge(role: Role, rule: Rule, asked: _Asked, *, leads: bool) -> Verdict:
    if obstacle := _obstacle(role, rule, asked, leads=leads):
        return Verdict(yes=False, why=obstacle)
    if rule.ask or (rule.ask_beyond_limit and asked.beyond_limit):
        second = _approvers(rule, asked)
        why = f"You may {asked.action.label} once a second person agrees ({spoken(second)})."
        return Verdict(yes=False, needs_approval=True, approvers=second, why=why)
    return Verdict(yes=True, why=f"{role.label} may {asked.action.label}.")


def _obstacle(role: Role, rule: Rule, asked: _Asked, *, leads: bool) -> str:
    if rule.own_team and role not in asked.teams:
        return f"You may {asked.action.label} only where your own team may act."
    if rule.lead and not leads:
        return f"Only somebody who leads a team may {asked.action.label}."
    if rule.lead and asked.teams and role not in asked.teams:
        return f"You may {asked.action.label} only for the team you lead."
    if rule.only and asked.kind not in rule.only:
        return f"You may {asked.action.label}, but only this: {', '.join(kind.label for kind in Kind if kind in rule.only)}."
    return ""


def _approvers(rule: Rule, asked: _Asked) -> frozenset[Role]:
    """Who may be the second person: the role the cell names, or every role that could ask for the same itself."""
    if rule.by:
        return frozenset((rule.by,))
    return frozenset(
        role for role in COLUMNS if (other := rule_for(role, asked.action)) and not other.by and not _obstacle(role, other, asked, leads=True)
    )
