"""Owner, time limits and words of a kind as they hold now: the table's, or what a lead or an admin put in their place."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from exceptions.kinds import KINDS
from exceptions.models import KindSetting
from exceptions.playbooks import Playbook
from portal.accounts.roles import Role

KEPT_S = 30  # a change counts after this


@dataclass(frozen=True)
class Rule:
    """What can be changed about a kind."""

    owner: Role
    ack_min: int
    resolve_min: int
    words: Playbook


_kept: dict[str, Rule] = {}
_read_at = float("-inf")


def rule_of(code: str) -> Rule:
    """The rule of a kind; the table of changes is read at most every half minute."""
    global _read_at  # noqa: PLW0603 - one small table, kept for the process
    if monotonic() - _read_at > KEPT_S:
        changed = {row.kind: row for row in KindSetting.objects.filter(kind__in=KINDS)}
        _kept.update({kind: as_it_came(kind) if kind not in changed else _with(changed[kind]) for kind in KINDS})
        _read_at = monotonic()
    return _kept[code]


def forget_rules() -> None:
    """The next look reads the table again."""
    global _read_at  # noqa: PLW0603 - see rule_of
    _read_at = float("-inf")


def as_it_came(code: str) -> Rule:
    kind = KINDS[code]
    return Rule(kind.owner, kind.ack_min, kind.resolve_min, kind.words)


def _with(row: KindSetting) -> Rule:
    words = KINDS[row.kind].words
    told = Playbook(words.meaning, row.what_to_do or words.what_to_do, tuple(row.steps) or words.steps, row.cx or words.cx, words.closes_when)
    return Rule(Role(row.owner), row.ack_min, row.resolve_min, told)
