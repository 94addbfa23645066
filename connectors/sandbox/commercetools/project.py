"""The project itself and its messages setting (https://docs.commercetools.com/api/projects/project)."""

from __future__ import annotations

import json

from flask import Flask, Response, request

from connectors.sandbox.commercetools.collection import dump
from connectors.sandbox.commercetools.errors import invalid_input
from connectors.sandbox.commercetools.resources import answer, body_of_request, enter
from connectors.sandbox.commercetools.shapes import Doc, take
from connectors.sandbox.commercetools.store import State, Work, check_version
from connectors.sandbox.commercetools.updates import Actions, Note, apply_actions, read_update, set_field

DAYS = range(1, 91)


def change_messages(work: Work, project: Doc, action: Doc) -> list[Note]:
    wanted = take(action, "messagesConfiguration", "object", required=True)
    days = take(wanted, "deleteDaysAfterCreation", "int", default=15)
    if days not in DAYS:
        raise invalid_input("deleteDaysAfterCreation must be between 1 and 90.")
    project["messages"] = {"enabled": take(wanted, "enabled", "boolean", required=True), "deleteDaysAfterCreation": days}
    return []


PROJECT_ACTIONS: Actions = {
    "changeMessagesConfiguration": change_messages,
    "changeName": set_field("name", required=True),
    "changeCurrencies": set_field("currencies", kind="array", required=True),
    "changeCountries": set_field("countries", kind="array", required=True),
    "changeLanguages": set_field("languages", kind="array", required=True),
}


def serve_project(state: State, project_key: str) -> Response:
    writes = request.method == "POST"
    client_id = enter(state, project_key, ("manage_project_settings",) if writes else ("view_project_settings",))
    with state.bench.lock:
        if writes:
            version, actions = read_update(body_of_request())
            check_version(state.project, version)
            changed = json.loads(dump(state.project))
            steps, _ = apply_actions(Work(state, state.now(), {"clientId": client_id}), changed, actions, PROJECT_ACTIONS)
            changed["version"] += steps
            state.project = changed
        return answer(dump(state.project))


def add_project(app: Flask, state: State) -> None:
    app.add_url_rule("/<project>", "project", lambda project: serve_project(state, project), methods=["GET", "POST"])
