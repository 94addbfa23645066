"""The predicate language of `where`, read into a small tree (https://docs.commercetools.com/api/predicates/query)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.commercetools.errors import malformed

TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<quoted>`[^`]+`)
    |(?P<variable>:[a-zA-Z0-9]+)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,))""",
    re.VERBOSE,
)
COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
EXPECTED = "expected SphereIdentifierChar, comparison operator, not, in, contains, is, within or matches"
Variables = dict[str, list[str]]


@dataclass(frozen=True)
class Value:
    """A literal, or one value given by `var.` (always text, typed by the field it meets)."""

    given: Any
    from_variable: bool = False


@dataclass(frozen=True)
class Both:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Negated:
    part: Node


@dataclass(frozen=True)
class Inside:
    """field(...): the object, or any element of the array, matches."""

    field: str
    part: Node


@dataclass(frozen=True)
class Check:
    field: str
    operator: str
    values: tuple[Value, ...] = ()


Node = Both | Either | Negated | Inside | Check


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    column: int


def tokenize(text: str) -> list[Token]:
    tokens, position = [], 0
    while text[position:].strip():
        found = TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise syntax_error(text, position, "Unexpected character")
        tokens.append(Token(found.lastgroup, found.group(found.lastgroup), found.start(found.lastgroup)))
        position = found.end()
    return tokens


def syntax_error(text: str, position: int, what: str) -> Exception:
    return malformed("where", f"Syntax error while parsing 'where'. {what}, {EXPECTED} (line 1, column {position + 1}):{text}")


def parse(text: str, variables: Variables) -> Node:
    reader = Reader(text, tokenize(text), variables)
    node = reader.either()
    if reader.position < len(reader.tokens):
        raise reader.unexpected()
    return node


class Reader:
    """Recursive descent over the tokens of one predicate."""

    def __init__(self, text: str, tokens: list[Token], variables: Variables) -> None:
        self.text, self.tokens, self.variables, self.position = text, tokens, variables, 0

    def unexpected(self) -> Exception:
        if self.position >= len(self.tokens):
            return syntax_error(self.text, len(self.text), "Unexpected end of input")
        token = self.tokens[self.position]
        return syntax_error(self.text, token.column, f"Unexpected '{token.text}'")

    def see(self, *texts: str) -> bool:
        """Do the next tokens read exactly so (never a string that merely says so)?"""
        ahead = self.tokens[self.position : self.position + len(texts)]
        return [token.text for token in ahead if token.kind in ("word", "sign")] == list(texts)

    def accept(self, *texts: str) -> bool:
        if not self.see(*texts):
            return False
        self.position += len(texts)
        return True

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected()

    def next(self, *kinds: str) -> Token:
        if self.position >= len(self.tokens) or self.tokens[self.position].kind not in kinds:
            raise self.unexpected()
        self.position += 1
        return self.tokens[self.position - 1]

    def either(self) -> Node:
        parts = [self.both()]
        while self.accept("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Node:
        parts = [self.unit()]
        while self.accept("and"):
            parts.append(self.unit())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def unit(self) -> Node:
        if self.accept("not", "("):
            return Negated(self.closed())
        if self.accept("("):
            return self.closed()
        return self.clause()

    def closed(self) -> Node:
        node = self.either()
        self.expect(")")
        return node

    def clause(self) -> Node:
        field = self.next("word", "quoted").text.strip("`")
        if self.accept("("):
            return Inside(field, self.closed())
        for words, operator in LIST_FORMS:
            if self.accept(*words):
                return Check(field, operator, self.values())
        for words, operator in BARE_FORMS:
            if self.accept(*words):
                return Check(field, operator)
        if self.accept("within", "circle", "("):
            return Check(field, "within", self.listed())
        sign = self.next("sign")
        if sign.text not in COMPARISONS:
            self.position -= 1
            raise self.unexpected()
        return Check(field, COMPARISONS[sign.text], (self.value(),))

    def values(self) -> tuple[Value, ...]:
        """`(a, b)`, `(:list)` or `:list`."""
        if self.accept("("):
            return self.listed()
        return self.variable(self.next("variable"))

    def listed(self) -> tuple[Value, ...]:
        values = [*self.element()]
        while self.accept(","):
            values += self.element()
        self.expect(")")
        return tuple(values)

    def element(self) -> tuple[Value, ...]:
        if self.position < len(self.tokens) and self.tokens[self.position].kind == "variable":
            return self.variable(self.next("variable"))
        return (self.value(),)

    def value(self) -> Value:
        token = self.next("string", "number", "variable", "word")
        if token.kind == "variable":
            values = self.variable(token)
            if len(values) != 1:
                raise malformed("where", f"The variable '{token.text}' has {len(values)} values where one is expected.")
            return values[0]
        if token.kind == "string":
            return Value(re.sub(r"\\(.)", r"\1", token.text[1:-1]))
        if token.kind == "number":
            return Value(float(token.text) if "." in token.text else int(token.text))
        if token.text not in ("true", "false"):
            self.position -= 1
            raise self.unexpected()
        return Value(token.text == "true")

    def variable(self, token: Token) -> tuple[Value, ...]:
        given = self.variables.get(token.text[1:])
        if not given:
            raise malformed("where", f"No value is given for the variable '{token.text}' (var.{token.text[1:]}).")
        return tuple(Value(text, from_variable=True) for text in given)


LIST_FORMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("not", "in"), "not in"),
    (("in",), "in"),
    (("contains", "any"), "contains any"),
    (("contains", "all"), "contains all"),
)
BARE_FORMS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("is", "not", "defined"), "is not defined"),
    (("is", "defined"), "is defined"),
    (("is", "not", "empty"), "is not empty"),
    (("is", "empty"), "is empty"),
)
