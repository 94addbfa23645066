"""Reads a GraphQL document: operations, fragments, selections, arguments and directives (https://spec.graphql.org)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(
    r"""(?P<skip>[\s,\ufeff]+|\#[^\n]*)
      |(?P<block>\"\"\".*?\"\"\")
      |(?P<string>"(?:[^"\\\n]|\\.)*")
      |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<name>[_A-Za-z]\w*)
      |(?P<mark>\.\.\.|[!$&()\[\]{}:=@|])""",
    re.VERBOSE | re.DOTALL,
)
CONSTANTS = {"true": True, "false": False, "null": None}
END = ("end", "")


class ParseError(Exception):
    """A document that is not GraphQL."""


@dataclass(frozen=True)
class Variable:
    name: str


@dataclass
class Directive:
    name: str
    args: dict[str, Any]


@dataclass
class Field:
    """A selected field, or a fragment (`name` is "" and `on` its type, "" for any)."""

    name: str
    alias: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    directives: list[Directive] = field(default_factory=list)
    selections: list[Field] = field(default_factory=list)
    on: str = ""
    spread: str = ""

    @property
    def key(self) -> str:
        return self.alias or self.name


@dataclass
class Operation:
    kind: str
    name: str
    variables: dict[str, tuple[str, Any]]  # name -> (type, default)
    selections: list[Field]


@dataclass
class Document:
    operations: list[Operation] = field(default_factory=list)
    fragments: dict[str, Field] = field(default_factory=dict)


def tokens_of(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise ParseError(f'syntax error, unexpected invalid token "{text[at]}"')
        if match.lastgroup != "skip":
            found.append((str(match.lastgroup), match.group()))
        at = match.end()
    return found


class Reader:
    """Walks the tokens; each method reads what its name says."""

    def __init__(self, text: str) -> None:
        self.tokens, self.at = tokens_of(text), 0

    @property
    def next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else END

    def take(self, kind: str = "", word: str = "") -> str:
        found_kind, found = self.next
        if (kind and found_kind != kind) or (word and found != word) or self.next is END:
            raise ParseError(f'syntax error, unexpected "{found or "end of file"}", expecting {word or kind or "more"}')
        self.at += 1
        return found

    def accept(self, word: str) -> bool:
        if self.next[1] != word or self.next[0] in ("string", "block"):
            return False
        self.at += 1
        return True

    def document(self) -> Document:
        document = Document()
        while self.next is not END:
            if self.next == ("name", "fragment"):
                self.take()
                name = self.take("name")
                self.take("name", "on")
                document.fragments[name] = Field("", on=self.take("name"), selections=self.selections())
            else:
                document.operations.append(self.operation())
        if not document.operations:
            raise ParseError("syntax error, unexpected end of file")
        return document

    def operation(self) -> Operation:
        kind, name, variables = "query", "", {}
        if self.next[1] != "{":
            kind = self.take("name")
            if kind not in ("query", "mutation"):
                raise ParseError(f'syntax error, unexpected "{kind}"')
            name = self.take("name") if self.next[0] == "name" else ""
            variables = self.variables() if self.next[1] == "(" else {}
            self.directives()
        return Operation(kind, name, variables, self.selections())

    def variables(self) -> dict[str, tuple[str, Any]]:
        found: dict[str, tuple[str, Any]] = {}
        self.take("mark", "(")
        while not self.accept(")"):
            self.take("mark", "$")
            name = self.take("name")
            self.take("mark", ":")
            kind = self.type_name()
            found[name] = (kind, self.value() if self.accept("=") else None)
        return found

    def type_name(self) -> str:
        if self.accept("["):
            inner = f"[{self.type_name()}]"
            self.take("mark", "]")
        else:
            inner = self.take("name")
        return f"{inner}!" if self.accept("!") else inner

    def selections(self) -> list[Field]:
        self.take("mark", "{")
        found = []
        while not self.accept("}"):
            found.append(self.fragment() if self.accept("...") else self.field())
        if not found:
            raise ParseError('syntax error, unexpected "}"')
        return found

    def fragment(self) -> Field:
        if self.next[0] == "name" and self.next[1] != "on":
            return Field("", spread=self.take("name"), directives=self.directives())
        on = self.take("name") if self.accept("on") else ""
        return Field("", on=on, directives=self.directives(), selections=self.selections())

    def field(self) -> Field:
        name, alias = self.take("name"), ""
        if self.accept(":"):
            name, alias = self.take("name"), name
        args = self.arguments()
        directives = self.directives()
        return Field(name, alias, args, directives, self.selections() if self.next[1] == "{" else [])

    def arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.accept("("):
            while not self.accept(")"):
                name = self.take("name")
                self.take("mark", ":")
                found[name] = self.value()
        return found

    def directives(self) -> list[Directive]:
        found = []
        while self.accept("@"):
            found.append(Directive(self.take("name"), self.arguments()))
        return found

    def value(self) -> Any:
        kind, word = self.next
        if kind == "mark":
            return self.composite(self.take())
        self.take()
        if kind == "block":
            return word[3:-3].strip()
        if kind in ("string", "number"):
            return json.loads(word)
        return CONSTANTS.get(word, word)

    def composite(self, mark: str) -> Any:
        if mark == "$":
            return Variable(self.take("name"))
        if mark == "[":
            items = []
            while not self.accept("]"):
                items.append(self.value())
            return items
        if mark != "{":
            raise ParseError(f'syntax error, unexpected "{mark}"')
        found = {}
        while not self.accept("}"):
            name = self.take("name")
            self.take("mark", ":")
            found[name] = self.value()
        return found


def parse(text: str) -> Document:
    return Reader(text).document()
