"""Subscriptions: where messages and changes are to be pushed (https://docs.commercetools.com/api/projects/subscriptions)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from connectors.sandbox.commercetools.collection import dump
from connectors.sandbox.commercetools.errors import ApiError, invalid_field, invalid_input, not_found
from connectors.sandbox.commercetools.inventory import set_key
from connectors.sandbox.commercetools.resources import Resource, add_resource, answer
from connectors.sandbox.commercetools.shapes import Doc, key_of, objects, take, without_nones
from connectors.sandbox.commercetools.store import State, Work
from connectors.sandbox.commercetools.updates import Action, Actions, Note

MAX_SUBSCRIPTIONS = 50
DESTINATIONS = {  # the members each kind of destination must have
    "GoogleCloudPubSub": ("projectId", "topic"),
    "SQS": ("queueUrl", "region"),
    "SNS": ("topicArn",),
    "EventBridge": ("accountId", "region"),
    "AzureServiceBus": ("connectionString",),
    "EventGrid": ("uri", "accessKey"),
    "ConfluentCloud": ("bootstrapServer", "apiKey", "apiSecret", "acks", "topic"),
    "IronMQ": ("uri",),
}
HEALTH = {"Healthy": 200, "TemporaryError": 503}  # any other status is a configuration error: 400


def destination_of(body: Doc) -> Doc:
    destination: Doc = take(body, "destination", "object", required=True)
    kind = take(destination, "type", "string", required=True)
    if kind not in DESTINATIONS:
        raise invalid_field("destination.type", kind, DESTINATIONS)
    for name in DESTINATIONS[kind]:
        take(destination, name, "string", required=True)
    return destination


def wanted(body: Doc, name: str) -> list[Doc]:
    entries = objects(body, name)
    for entry in entries:
        take(entry, "resourceTypeId", "string", required=True)
    return entries


def create_subscription(work: Work, draft: Doc) -> Doc:
    if len(work.state.collections["subscriptions"]) >= MAX_SUBSCRIPTIONS:
        raise ApiError(400, "MaxResourceLimitExceeded", "The number of subscriptions exceeds the limit.", exceededResource={"typeId": "subscription"})
    messages, changes, events = wanted(draft, "messages"), wanted(draft, "changes"), objects(draft, "events")
    if not messages and not changes and not events:
        raise invalid_input("A subscription needs at least one of messages, changes and events.")
    subscription = {
        "id": work.state.new_id(),
        "version": 1,
        "key": key_of(draft),
        "destination": destination_of(draft),
        "messages": messages,
        "changes": changes,
        "events": events,
        "format": format_of(draft),
        "status": "Healthy",
    }
    work.state.pusher.test(subscription, at=work.at)
    return work.create("subscriptions", without_nones(subscription))


def format_of(draft: Doc) -> Doc:
    given: Doc = take(draft, "format", "object", default={"type": "Platform"})
    if take(given, "type", "string", required=True) not in ("Platform", "CloudEvents"):
        raise invalid_field("format.type", given["type"], ("Platform", "CloudEvents"))
    return given


def set_list(name: str) -> Action:
    def act(work: Work, subscription: Doc, action: Doc) -> list[Note]:
        subscription[name] = wanted(action, name) if name != "events" else objects(action, name)
        return []

    return act


def change_destination(work: Work, subscription: Doc, action: Doc) -> list[Note]:
    subscription["destination"] = destination_of(action)
    return []


SUBSCRIPTION_ACTIONS: Actions = {
    "changeDestination": change_destination,
    "setMessages": set_list("messages"),
    "setChanges": set_list("changes"),
    "setEvents": set_list("events"),
    "setKey": set_key,
}
SUBSCRIPTIONS = Resource(
    path="subscriptions",
    view=("manage_subscriptions",),
    manage=("manage_subscriptions",),
    create=create_subscription,
    actions=SUBSCRIPTION_ACTIONS,
)


def add_subscriptions(app: Flask, state: State) -> None:
    add_resource(app, state, SUBSCRIPTIONS)

    def follow(subscription: Doc, gone: bool) -> None:
        if gone:
            state.pusher.subscriptions.pop(subscription["id"], None)
        else:
            state.pusher.subscriptions[subscription["id"]] = subscription

    state.followers["subscriptions"] = follow

    @app.get("/<project>/subscriptions/<ident>/health")
    def health(project: str, ident: str) -> Any:
        return show_health(state, project, ident)


def show_health(state: State, project: str, ident: str) -> Response:
    """No token is asked for here."""
    collection = state.collections["subscriptions"]
    by_key = ident.startswith("key=")
    found = collection.find("key", ident[4:]) if by_key else ident
    if project != state.settings.project_key or found is None or found not in collection:
        raise not_found(ident)
    status = collection.peek(found)["status"]
    return answer(dump({"status": status}), HEALTH.get(status, 400))
