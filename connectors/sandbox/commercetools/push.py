"""Subscriptions: notifications queued per topic and, where a push address is set, posted in the Pub/Sub push envelope."""

from __future__ import annotations

import base64
import json
import queue
import random
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import requests

from connectors.sandbox.commercetools.errors import ApiError
from connectors.sandbox.commercetools.shapes import Doc

ACKNOWLEDGED = {102, 200, 201, 202, 204}
TOO_LARGE = {"reason": "Payload too large."}
HEAD = ("id", "version", "sequenceNumber", "resource", "resourceVersion", "resourceUserProvidedIdentifiers", "type", "createdAt", "lastModifiedAt")


@dataclass
class PushSettings:
    """Where and how badly notifications are delivered."""

    url: str = ""
    token: str = ""  # sent as a bearer token, as the queue's own push does
    delay_s: float = 0.0
    duplicate_rate: float = 0.0
    reorder_s: float = 0.0  # each delivery waits up to this much longer, at random
    payload_limit: int = 256_000
    retry_s: float = 1.0
    give_up_s: float = 60.0  # 48 h in life, scaled


@dataclass(order=True)
class Delivery:
    """One notification on its way."""

    due: float
    number: int
    first: float
    body: Doc = field(compare=False)
    subscription: str = field(compare=False, default="")


class Pusher:
    """Every subscription of the project, and the thread that delivers."""

    def __init__(self, project_key: str) -> None:
        self.project_key, self.settings = project_key, PushSettings()
        self.subscriptions: dict[str, Doc] = {}
        self.sent: deque[Doc] = deque(maxlen=20_000)
        self.queue: queue.PriorityQueue[Delivery] = queue.PriorityQueue()
        self.random, self.count = random.Random(1), 0
        self.thread: threading.Thread | None = None

    def clear(self) -> None:
        self.subscriptions.clear()
        self.sent.clear()
        with self.queue.mutex:  # the same queue: the thread waits on it
            self.queue.queue.clear()

    def tell_message(self, message: Doc, doc: Doc, *, embed: str) -> None:
        for subscription in list(self.subscriptions.values()):
            if wants_message(subscription, message):
                body = {"notificationType": "Message", "projectKey": self.project_key, **message} | ({embed: doc} if embed else {})
                self.send(subscription, self.fitting(body))

    def tell_change(self, type_id: str, doc: Doc, *, kind: str, at: str, old_version: int | None) -> None:
        for subscription in list(self.subscriptions.values()):
            if any(change["resourceTypeId"] == type_id for change in subscription.get("changes", [])):
                self.send(subscription, self.change(type_id, doc, kind=kind, at=at, old_version=old_version))

    def change(self, type_id: str, doc: Doc, *, kind: str, at: str, old_version: int | None = None) -> Doc:
        body: Doc = {"notificationType": kind, "projectKey": self.project_key, "resource": {"typeId": type_id, "id": doc["id"]}}
        body |= {"version": doc["version"]} | ({"oldVersion": old_version} if old_version is not None else {})
        return body | {"modifiedAt": at}

    def fitting(self, body: Doc) -> Doc:
        """Too large for the queue: only the common fields travel."""
        if len(json.dumps(body)) <= self.settings.payload_limit:
            return body
        head = {name: body[name] for name in ("notificationType", "projectKey", *HEAD) if name in body}
        return head | {"payloadNotIncluded": TOO_LARGE | {"payloadType": body["type"]}}

    def test(self, subscription: Doc, *, at: str) -> None:
        """The test notification at creation; when it cannot be delivered there is no subscription."""
        body = self.change("subscription", subscription, kind="ResourceCreated", at=at)
        self.sent.append({"subscription": subscription["id"], "body": body})
        if self.settings.url and not self.post(body, subscription):
            raise ApiError(400, "InvalidInput", "A test message could not be delivered to the destination.")

    def send(self, subscription: Doc, body: Doc) -> None:
        wrapped = cloud_event(body, self.project_key) if subscription["format"]["type"] == "CloudEvents" else body
        self.sent.append({"subscription": subscription["id"], "body": wrapped})
        if not self.settings.url:
            return
        copies = 2 if self.random.random() < self.settings.duplicate_rate else 1
        for _ in range(copies):
            self.count += 1
            now = time.monotonic()
            due = now + self.settings.delay_s + self.random.uniform(0, self.settings.reorder_s)
            self.queue.put(Delivery(due, self.count, now, wrapped, subscription["id"]))
        self.ensure_thread()

    def ensure_thread(self) -> None:
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self.deliver_all, name="commercetools-push", daemon=True)
            self.thread.start()

    def deliver_all(self) -> None:
        while True:
            delivery = self.queue.get()
            wait_s = delivery.due - time.monotonic()
            if wait_s > 0:
                self.queue.put(delivery)
                time.sleep(min(wait_s, 0.02))
                continue
            subscription = self.subscriptions.get(delivery.subscription)
            if subscription is not None and not self.post(delivery.body, subscription):
                self.again(delivery)

    def again(self, delivery: Delivery) -> None:
        now = time.monotonic()
        if now - delivery.first < self.settings.give_up_s:
            self.queue.put(Delivery(now + self.settings.retry_s, delivery.number, delivery.first, delivery.body, delivery.subscription))

    def post(self, body: Doc, subscription: Doc) -> bool:
        data = base64.b64encode(json.dumps(body).encode()).decode()
        destination = subscription["destination"]
        name = f"projects/{destination.get('projectId', 'p')}/subscriptions/{destination.get('topic', 't')}"
        message = {"data": data, "messageId": str(uuid.uuid4()), "publishTime": body.get("createdAt", ""), "attributes": {}}
        headers = {"Authorization": f"Bearer {self.settings.token}"} if self.settings.token else {}
        try:
            answer = requests.post(self.settings.url, json={"message": message, "subscription": name}, headers=headers, timeout=10)
        except requests.RequestException:
            return False
        return answer.status_code in ACKNOWLEDGED


def wants_message(subscription: Doc, message: Doc) -> bool:
    return any(
        wanted["resourceTypeId"] == message["resource"]["typeId"] and (not wanted.get("types") or message["type"] in wanted["types"])
        for wanted in subscription.get("messages", [])
    )


def cloud_event(body: Doc, project_key: str) -> Doc:
    type_id = body["resource"]["typeId"]
    kind = (
        f"com.commercetools.{type_id}.message.{body['type']}" if "type" in body else f"com.commercetools.{type_id}.change.{body['notificationType']}"
    )
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": body.get("id", str(uuid.uuid4())),
        "type": kind,
        "source": f"/{project_key}/{type_id}s",
        "subject": body["resource"]["id"],
        "time": body.get("createdAt", body.get("modifiedAt")),
    }
    if "sequenceNumber" in body:
        event |= {"sequence": str(body["sequenceNumber"]), "sequencetype": "Integer"}
    return event | {"data": body}
