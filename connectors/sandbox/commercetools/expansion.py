"""Reference expansion: `expand=paymentInfo.payments[*]` puts the whole resource under `obj`."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.commercetools.shapes import Doc
from connectors.sandbox.commercetools.store import PATHS, State


def expand(state: State, doc: Doc, paths: tuple[str, ...]) -> None:
    for path in paths:
        walk(state, doc, path.replace("[*]", "").split("."))


def walk(state: State, value: Any, path: list[str]) -> None:
    """Follow the path through objects, arrays and references already expanded; the reference at its end gets `obj`."""
    if isinstance(value, list):
        for element in value:
            walk(state, element, path)
        return
    if not isinstance(value, dict):
        return
    if is_reference(value):
        attach(state, value)
        value = value.get("obj") if path else None
    if isinstance(value, dict) and path and path[0] in value:
        walk(state, value[path[0]], path[1:])


def is_reference(value: Doc) -> bool:
    return isinstance(value.get("typeId"), str) and isinstance(value.get("id"), str)


def attach(state: State, reference: Doc) -> None:
    if reference["typeId"] not in PATHS:
        return
    obj = state.of_type(reference["typeId"]).get(reference["id"])
    if obj is not None and "obj" not in reference:
        reference["obj"] = obj
