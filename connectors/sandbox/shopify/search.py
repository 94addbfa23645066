"""Reads the search syntax of `query:` and says which rows match (https://shopify.dev/docs/api/usage/search-syntax)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TOKEN = re.compile(r"""\s*(?:(?P<bracket>[()])|(?P<term>-?[\w.]+:(?:>=|<=|>|<)?(?:'[^']*'|"[^"]*"|[^\s()]+)?)|(?P<word>'[^']*'|"[^"]*"|[^\s()]+))""")
TERM = re.compile(r"(?P<minus>-?)(?P<field>[\w.]+):(?P<op>>=|<=|>|<)?(?P<value>.*)", re.DOTALL)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: bool(a >= b), "<=": lambda a, b: bool(a <= b), ">": lambda a, b: bool(a > b), "<": lambda a, b: bool(a < b)
}  # fmt: skip
Test = Callable[[Any], bool]


@dataclass(frozen=True)
class Term:
    field: str
    op: str
    value: str
    negated: bool = False


@dataclass
class Query:
    """Alternatives of terms that must all hold; brackets are opened."""

    alternatives: list[list[Term]] = field(default_factory=lambda: [[]])

    @property
    def terms(self) -> list[Term]:
        return [term for each in self.alternatives for term in each]

    def sole(self, name: str) -> list[Term]:
        """The terms of a field, when the query has one alternative only."""
        return [term for term in self.alternatives[0] if term.field == name and not term.negated] if len(self.alternatives) == 1 else []

    def equal_to(self, name: str) -> list[str] | None:
        """The values of a field, when every alternative asks for exactly one."""
        found = [next((term.value for term in each if term.field == name and not term.op and not term.negated), None) for each in self.alternatives]
        return None if any(value is None or "*" in value for value in found) else [value for value in found if value is not None]


def parse(text: str | None) -> Query:
    words = [match.group().strip() for match in TOKEN.finditer(text or "") if match.group().strip()]
    found, _ = either(words, 0)
    return Query(found)


def either(words: list[str], at: int) -> tuple[list[list[Term]], int]:
    found, at = together(words, at)
    while at < len(words) and words[at].upper() == "OR":
        more, at = together(words, at + 1)
        found = found + more
    return found, at


def together(words: list[str], at: int) -> tuple[list[list[Term]], int]:
    found: list[list[Term]] = [[]]
    negated = False
    while at < len(words) and words[at] != ")" and words[at].upper() != "OR":
        word = words[at]
        if word == "(":
            inner, at = either(words, at + 1)
            found = [first + second for first in found for second in inner]
        elif word.upper() == "NOT":
            negated = True
        elif word.upper() != "AND":
            found = [[*each, term_of(word, negated=negated)] for each in found]
            negated = False
        at += 1
    return found, at


def term_of(word: str, *, negated: bool) -> Term:
    match = TERM.fullmatch(word)
    if match is None or match["field"].isdecimal():
        return Term("", "", bare(word), negated)
    return Term(match["field"], match["op"] or "", bare(match["value"]), negated or bool(match["minus"]))


def bare(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def moment_of(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def same(kept: Any, term: Term) -> bool:
    """Text without regard to capitals, `*` at its end for any rest; moments and numbers by comparison."""
    if isinstance(kept, datetime):
        asked = moment_of(term.value)
        return asked is not None and (COMPARE[term.op](kept, asked) if term.op else kept == asked)
    if isinstance(kept, list):
        return any(same(each, term) for each in kept)
    if kept is None:
        return False
    if term.op and term.value.lstrip("-").isdecimal():
        return COMPARE[term.op](int(kept), int(term.value))
    one, other = str(kept).lower(), term.value.lower()
    return one.startswith(other[:-1]) if other.endswith("*") else one == other


def matches(row: Any, query: Query, fields: Mapping[str, Callable[[Any], Any]]) -> bool:
    """Unknown fields are left out of account, as the vendor does (and warns)."""

    def holds(term: Term) -> bool:
        if term.field not in fields:
            return True
        return same(fields[term.field](row), term) is not term.negated

    return any(all(holds(term) for term in each) for each in query.alternatives)
