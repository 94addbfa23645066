"""The update request: version first, then every action on a private copy, then one store or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from connectors.sandbox.commercetools.collection import dump
from connectors.sandbox.commercetools.errors import invalid_input, invalid_json
from connectors.sandbox.commercetools.shapes import Doc, choose, objects, put_or_drop, take
from connectors.sandbox.commercetools.store import Work, check_version

MAX_ACTIONS = 500
RIVAL = "merchant-center"  # who writes first when a conflict is asked for


@dataclass(frozen=True)
class Note:
    """A message an action produces; `embed` names the member under which the whole document travels."""

    kind: str
    payload: Doc
    embed: str = ""


Action = Callable[[Work, Doc, Doc], list[Note]]
Actions = dict[str, Action]


def read_update(body: Any) -> tuple[int, list[Doc]]:
    if not isinstance(body, dict):
        raise invalid_json("expected an object")
    version = take(body, "version", "int", required=True)
    actions = objects(body, "actions", required=True)
    if len(actions) > MAX_ACTIONS:
        raise invalid_input(f"An update request may have at most {MAX_ACTIONS} actions.")
    return version, actions


def apply_actions(work: Work, doc: Doc, given: list[Doc], actions: Actions) -> tuple[int, list[Note]]:
    """Run the actions in order on the caller's private copy; how many had an effect, and what they tell."""
    steps, notes, before = 0, [], dump(doc)
    for action in given:
        name = take(action, "action", "string", required=True)
        if name not in actions:
            raise invalid_json(f"actions -> action: Invalid type '{name}'")
        told = actions[name](work, doc, action)
        after = dump(doc)
        if after != before:
            steps, before = steps + 1, after
            notes += [replace(note, payload=json.loads(dump(note.payload))) for note in told]  # as it was at this step
    return steps, notes


def update(work: Work, path: str, doc: Doc, *, body: Any, actions: Actions) -> Doc:
    """One update request on a stored document."""
    version, given = read_update(body)
    if work.state.mishaps.rival_strikes():
        Work(work.state, work.at, {"clientId": RIVAL, "isPlatformClient": False}).replace(path, doc)
    check_version(doc, version)
    steps, notes = apply_actions(work, doc, given, actions)
    if steps or (given and work.state.settings.no_op_raises_version):
        work.replace(path, doc, steps=max(steps, 1))
    for follow in work.afterwards:
        follow()
    for note in notes:
        work.tell(path, doc, note.kind, note.payload, embed=note.embed)
    return doc


def set_field(
    name: str,
    *,
    kind: str = "string",
    allowed: frozenset[str] | None = None,
    required: bool = False,
    told: tuple[str, str, str] | None = None,
    stored_as: str = "",
) -> Action:
    """An action that sets one member; `told` is (message, the new value's name, the old value's name)."""
    target = stored_as or name

    def act(work: Work, doc: Doc, action: Doc) -> list[Note]:
        value = choose(action, name, allowed, required=required) if allowed else take(action, name, kind, required=required)
        old = doc.get(target)
        put_or_drop(doc, target, value)
        return [Note(told[0], changed(told[1], value) | changed(told[2], old))] if told else []

    return act


def set_reference(name: str, type_id: str, *, required: bool = False, kind: str = "", by_key: bool = False) -> Action:
    """An action that sets a reference to another resource."""

    def act(work: Work, doc: Doc, action: Doc) -> list[Note]:
        given = take(action, name, "object", required=required)
        resolve = work.key_reference if by_key else work.reference
        put_or_drop(doc, name, resolve(given, type_id) if given else None)
        return [Note(kind, changed(name, doc.get(name)))] if kind else []

    return act


def changed(name: str, value: Any) -> Doc:
    return {} if value is None or not name else {name: value}
