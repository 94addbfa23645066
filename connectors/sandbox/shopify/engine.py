"""Checks a query against the schema, counts what it costs, and answers it from lazily resolved nodes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.shopify.language import Directive, Document, Field, Operation, Variable
from connectors.sandbox.shopify.schema import INPUT_OF, INPUT_OF_FIELD, Shape, faults_of, fields_of, known_type

MOST_ROWS = 250
MUTATION_COST = 10
IDEMPOTENT = "idempotent"
NO_PAGE = "you must provide one of first or last"


class QueryError(Exception):
    """A query that is refused as a whole: a message, its code, and what more is told."""

    def __init__(self, message: str, code: str = "", **more: Any) -> None:
        super().__init__(message)
        self.message, self.code, self.more = message, code, more

    def told(self) -> dict[str, Any]:
        extensions = ({"code": self.code} if self.code else {}) | self.more.get("extensions", {})
        rest = {name: value for name, value in self.more.items() if name != "extensions"}
        return {"message": self.message, **rest, **({"extensions": extensions} if extensions else {})}


class Node(dict[str, Any]):
    """An object of a type; a callable member is resolved with its arguments when it is asked for."""

    def __init__(self, type_name: str, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        self.type = type_name


@dataclass
class Plan:
    """A checked operation, with fragments opened, variables filled in, and its cost."""

    operation: Operation
    roots: list[Field]
    cost: int
    keys: dict[str, Directive] = field(default_factory=dict)  # root key -> its idempotency directive


def chosen_operation(document: Document, name: str | None) -> Operation:
    if not name and len(document.operations) > 1:
        raise QueryError("An operation name is required")
    for operation in document.operations:
        if not name or operation.name == name:
            return operation
    raise QueryError(f'No operation named "{name}"')


class Checker:
    """Opens fragments and variables, refuses what the schema has not, and adds the cost up."""

    def __init__(self, document: Document, operation: Operation, variables: Mapping[str, Any], *, linear: bool, idempotent: bool) -> None:
        self.document, self.operation, self.linear, self.idempotent = document, operation, linear, idempotent
        self.values = {name: variables.get(name, default) for name, (_, default) in operation.variables.items()}
        for name, (kind, _) in operation.variables.items():
            if kind.endswith("!") and self.values[name] is None:
                raise invalid_variable(name, kind, [((), "Expected value to not be null")], None)
        self.keys: dict[str, Directive] = {}
        self.used: set[str] = set()

    def plan(self) -> Plan:
        root = "Mutation" if self.operation.kind == "mutation" else "QueryRoot"
        roots, cost = self.fields(self.operation.selections, root)
        if unused := sorted(set(self.values) - self.used):
            where = self.operation.name or f"anonymous {self.operation.kind}"
            raise QueryError(f"Variable ${unused[0]} is declared by {where} but not used", "variableNotUsed")
        return Plan(self.operation, roots, max(1, cost) + (MUTATION_COST if root == "Mutation" else 0), self.keys)

    def fields(self, selections: Iterable[Field], on: str) -> tuple[list[Field], int]:
        found, cost = [], 0
        for each in self.opened(selections, on):
            type_name = each.on or on
            checked, own = self.field(each, type_name)
            found.append(checked)
            cost += own
        return found, cost

    def opened(self, selections: Iterable[Field], on: str) -> Iterable[Field]:
        """The fields with fragments opened; each knows the type it was asked on."""
        for each in selections:
            if self.left_out(each):
                continue
            if each.name:
                yield Field(each.name, each.alias, each.args, each.directives, each.selections, on=on)
                continue
            fragment = self.document.fragments.get(each.spread) if each.spread else each
            if fragment is None:
                raise QueryError(f"Fragment {each.spread} was used, but not defined", "useAndDefineFragment")
            within = fragment.on or on
            if not known_type(within):
                raise QueryError(f"No such type {within}, so it can't be a fragment condition", "undefinedType")
            yield from self.opened(fragment.selections, within)

    def left_out(self, each: Field) -> bool:
        said = {one.name: self.filled(one.args.get("if")) for one in each.directives}
        return said.get("skip") is True or said.get("include") is False

    def field(self, each: Field, on: str) -> tuple[Field, int]:
        if each.name == "__typename":
            return each, 0
        shape = fields_of(on).get(each.name)
        if shape is None:
            raise QueryError(f"Field '{each.name}' doesn't exist on type '{on}'", extensions={"code": "undefinedField", "typeName": on})
        args = self.arguments(each, shape, on)
        self.note_directives(each, on)
        if shape.holds is None or not each.selections:
            return self.leaf(each, shape, args), 0
        inner, cost = self.fields(each.selections, shape.holds)
        return Field(each.name, each.alias, args, each.directives, inner, on=on), self.cost_of(shape, args, cost)

    def leaf(self, each: Field, shape: Shape, args: dict[str, Any]) -> Field:
        if shape.holds is not None:
            raise QueryError(f"Field must have selections (field '{each.name}' returns {shape.holds} but has no selections.)", "selectionMismatch")
        if each.selections:
            raise QueryError(f"Selections can't be made on scalars (field '{each.name}')", "selectionMismatch")
        return Field(each.name, each.alias, args, on=each.on)

    def arguments(self, each: Field, shape: Shape, on: str) -> dict[str, Any]:
        label = f"{on}.{each.name}"
        for name in each.args:
            if name not in shape.args:
                raise QueryError(f"Field '{each.name}' doesn't accept argument '{name}'", extensions={"code": "argumentNotAccepted", "name": label})
        args = {name: self.filled(value) for name, value in each.args.items()}
        missing = sorted(name for name in shape.required if args.get(name) is None)
        if missing:
            raise QueryError(f"Field '{each.name}' is missing required arguments: {', '.join(missing)}", "missingRequiredArguments")
        for name, value in args.items():
            self.check_input(each, name, value, on)
        if shape.many == "*":
            check_page(args)
        return args

    def check_input(self, each: Field, name: str, value: Any, on: str) -> None:
        kind = INPUT_OF_FIELD.get(each.name) if name == "input" else INPUT_OF.get(name)
        if on != "Mutation" or kind is None:
            return
        faults = faults_of(value, kind + "!")
        if faults:
            raw = each.args[name]
            raise invalid_variable(raw.name if isinstance(raw, Variable) else name, kind, faults, value)

    def note_directives(self, each: Field, on: str) -> None:
        for one in each.directives:
            if one.name in ("skip", "include"):
                continue
            if one.name != IDEMPOTENT or not self.idempotent:
                raise QueryError(f"Directive @{one.name} is not defined", "undefinedDirective")
            key = self.filled(one.args.get("key"))
            if not isinstance(key, str) or not key.strip():
                raise QueryError("Directive 'idempotent' is missing required arguments: key", "missingRequiredArguments")
            self.keys[each.key] = Directive(one.name, {"key": key})

    def filled(self, value: Any) -> Any:
        if isinstance(value, Variable):
            if value.name not in self.values:
                where = self.operation.name or "anonymous " + self.operation.kind
                raise QueryError(f"Variable ${value.name} is used by {where} but not declared", "variableNotDefined")
            self.used.add(value.name)
            return self.values[value.name]
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if isinstance(value, dict):
            return {name: self.filled(inner) for name, inner in value.items()}
        return value

    def cost_of(self, shape: Shape, args: dict[str, Any], inner: int) -> int:
        """One point an object. A connection costs less than its rows, unless `linear`: the vendor's formula is not public."""
        if shape.many != "*":
            return 1 + inner
        rows = int(args.get("first") or args.get("last") or 1)
        return 2 + (rows if self.linear else math.ceil(math.log2(rows + 1))) * max(1, inner // 2)


def check_page(args: Mapping[str, Any]) -> None:
    given = [args[name] for name in ("first", "last") if args.get(name) is not None]
    if not given:
        raise QueryError(NO_PAGE, "BAD_REQUEST")
    if not all(isinstance(rows, int) and not isinstance(rows, bool) and rows >= 0 for rows in given):
        raise QueryError("first and last are whole numbers, 0 or more", "BAD_REQUEST")
    if max(given) > MOST_ROWS:
        raise QueryError(f"The value for first or last is over the maximum of {MOST_ROWS}", "BAD_REQUEST")


def invalid_variable(name: str, kind: str, faults: Sequence[tuple[tuple[Any, ...], str]], value: Any) -> QueryError:
    problems = [{"path": list(path), "explanation": message} for path, message in faults]
    where = ", ".join(f"{'.'.join(map(str, path)) or name} ({message})" for path, message in faults)
    message = f"Variable ${name} of type {kind} was provided invalid value for {where}"
    return QueryError(message, extensions={"code": "INVALID_VARIABLE", "value": value, "problems": problems})


@dataclass
class Answer:
    """The data, and how many objects it has."""

    data: dict[str, Any] = field(default_factory=dict)
    objects: int = 0

    def project(self, value: Any, selections: Sequence[Field]) -> Any:
        if isinstance(value, list):
            return [self.project(item, selections) for item in value]
        if not isinstance(value, Node):
            return value
        self.objects += 1
        found: dict[str, Any] = {}
        for each in selections:
            if each.on and each.on not in (value.type, "Node"):
                continue
            member = value.type if each.name == "__typename" else resolve(value.get(each.name), each.args)
            told = self.project(member, each.selections)
            found[each.key] = merged(found[each.key], told) if each.key in found else told
        return found


def resolve(member: Any, args: dict[str, Any]) -> Any:
    return member(args) if callable(member) else member


def merged(first: Any, second: Any) -> Any:
    """A field asked for twice shows both selections."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first | {name: merged(first[name], value) if name in first else value for name, value in second.items()}
    if isinstance(first, list) and isinstance(second, list):
        return [merged(*pair) for pair in zip(first, second, strict=True)]
    return second
