"""Imports go one way (docs/architecture.md): read from the tree itself, imports inside functions included."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from connectors.canonical import System

ROOT = Path(__file__).resolve().parent.parent
OURS = ("connectors", "exceptions", "mappings", "portal")

VOCABULARY = frozenset({"connectors.canonical"})
WIRE = VOCABULARY | {"connectors.errors", "connectors.ports", "connectors.http", "connectors.reading", "connectors.paging", "connectors.registry"}
FLOOR = frozenset({"portal.accounts", "portal.audit", "portal.ui"})
FACTS = FLOOR | {"portal.connections", "portal.ledger"}
CORRIDOR = WIRE | FACTS | {"mappings", "exceptions", "portal.sync"}

# package → what it may import of ours, itself aside
MAY: dict[str, frozenset[str]] = {
    "connectors.canonical": frozenset(),
    "connectors.errors": frozenset(),
    "connectors.reading": frozenset({"connectors.errors"}),
    "connectors.ports": VOCABULARY | {"connectors.errors"},
    "connectors.http": frozenset({"connectors.errors", "connectors.ports"}),
    "connectors.paging": WIRE,
    "connectors.registry": VOCABULARY | {"connectors.http", "connectors.ports"},
    **{f"connectors.{system.value}": WIRE for system in System},  # and not each other
    "connectors.sandbox": frozenset(),
    "portal.accounts": frozenset(),
    "portal.audit": frozenset({"portal.accounts"}),
    "portal.ui": frozenset({"portal.accounts"}),
    "portal.connections": WIRE | FLOOR,
    "portal.ledger": VOCABULARY | FLOOR | {"portal.connections"},
    "mappings": VOCABULARY | FACTS,
    "exceptions": VOCABULARY | FACTS,
    "portal.sync": CORRIDOR,
    "portal.reconciliation": CORRIDOR,
    "portal.dashboard": CORRIDOR | {"portal.reconciliation"},
    "portal.api": CORRIDOR | {"portal.reconciliation"},
}
# (module or package, what it may import beyond the table) → why
ALLOWED = {
    ("mappings.live", "connectors.errors"): "says why a live list could not be read, instead of failing the page",
    ("portal.demo", "connectors.sandbox"): "the demo signs in at the simulators with the simulators' own keys",
    ("portal.management.commands.sandbox", "connectors.sandbox"): "the command that runs the simulators",
}
# the roof: settings, urls, commands, health; it may import everything but the simulators
ROOF = "portal"

STANDARD = frozenset(sys.stdlib_module_names)
# package → the libraries it may use; elsewhere any
LIBRARIES: dict[str, frozenset[str]] = {
    "connectors.canonical": STANDARD,
    "connectors.sandbox": STANDARD | {"flask", "werkzeug", "openpyxl", "requests", "cloudpickle"},
    "connectors": STANDARD | {"requests", "urllib3", "openpyxl", "cryptography"},
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_name(path): path for top in OURS for path in sorted((ROOT / top).rglob("*.py"))}


def imported(path: Path) -> Iterator[str]:
    """Every dotted name the file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                package = path.relative_to(ROOT).parts[: -node.level]
                yield ".".join((*package, node.module or ""))
            else:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def package_of(name: str) -> str:
    """The row of the table a module belongs to; the roof where there is none."""
    return next((package for package in sorted(MAY, key=len, reverse=True) if within(name, package)), ROOF)


def may_import(module: str, name: str) -> bool:
    if any(within(module, importer) and within(name, beyond) for importer, beyond in ALLOWED):
        return True
    here, there = package_of(module), package_of(name)
    if here == there:
        return True
    if here == ROOF:
        return there != "connectors.sandbox"
    return there in MAY[here]


def ours() -> Iterator[tuple[str, str]]:
    for module, path in modules().items():
        for name in imported(path):
            if name.partition(".")[0] in OURS:
                yield module, name


class TestImports:
    def test_go_one_way(self):
        assert [f"{module} imports {name}" for module, name in ours() if not may_import(module, name)] == []

    def test_inside_the_connectors_name_a_row_of_the_table(self):
        unknown = {module for module in modules() if within(module, "connectors") and package_of(module) == ROOF}

        assert unknown <= {"connectors"}

    @pytest.mark.parametrize("package", LIBRARIES)
    def test_of_libraries_keep_the_connectors_free_of_django(self, package):
        found = {
            f"{module} imports {name}"
            for module, path in modules().items()
            if within(module, package) and max((one for one in LIBRARIES if within(module, one)), key=len) == package
            for name in imported(path)
            if name.partition(".")[0] not in LIBRARIES[package] | set(OURS)
        }

        assert found == set()

    def test_are_written_out_and_not_made_from_text(self):
        """Below the roof one place looks a module up by name: the registry of vendors."""
        users = {module for module, path in modules().items() if any(name.startswith("importlib") for name in imported(path))}

        assert {module for module in users if package_of(module) != ROOF} == {"connectors.registry"}

    @pytest.mark.parametrize(("module", "beyond"), ALLOWED)
    def test_that_are_excused_still_exist(self, module, beyond):
        assert any(within(importer, module) and within(name, beyond) for importer, name in ours())


class TestTheTable:
    @pytest.mark.parametrize(
        ("module", "name", "may"),
        [
            ("mappings.resolve", "exceptions.cases", False),
            ("exceptions.cases", "mappings.errors", False),
            ("exceptions.cases", "portal.sync.retry", False),
            ("connectors.veeqo.client", "connectors.mirakl.client", False),
            ("connectors.veeqo.client", "connectors.sandbox.kit", False),
            ("connectors.veeqo.client", "portal.ledger.models", False),
            ("connectors.sandbox.veeqo.orders", "connectors.canonical", False),
            ("connectors.canonical.orders", "connectors.errors", False),
            ("portal.ledger.expect", "connectors.errors", False),
            ("portal.sync.deliver", "connectors.veeqo", False),
            ("portal.sync.deliver", "portal.dashboard.today", False),
            ("portal.urls", "connectors.sandbox", False),
            ("portal.sync.deliver", "exceptions.cases", True),
            ("portal.dashboard.today", "portal.sync.models", True),
        ],
    )
    def test_says(self, module, name, may):
        assert may_import(module, name) is may
