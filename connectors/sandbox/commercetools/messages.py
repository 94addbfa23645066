"""Messages: numbered per resource, shown a while after the change, kept for the project's days."""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.sandbox.commercetools.collection import Collection, Tail, flip
from connectors.sandbox.commercetools.matching import stamp
from connectors.sandbox.commercetools.settings import Settings
from connectors.sandbox.commercetools.shapes import Doc

IDENTIFIERS = ("key", "externalId", "orderNumber", "customerNumber", "sku", "slug")


def identifiers(doc: Doc) -> Doc:
    return {name: doc[name] for name in IDENTIFIERS if isinstance(doc.get(name), str)}


class MessageLog:
    """What was told, and what is told but does not show yet."""

    def __init__(self, collection: Collection, settings: Settings, random: Random) -> None:
        self.collection, self.settings, self.random = collection, settings, random
        self.sequences: dict[str, int] = {}
        self.unseen: list[tuple[str, int, Doc, Tail | None]] = []
        self.recorded = 0

    def record(self, news: dict[str, Any], type_id: str, doc: Doc, *, tail: Tail | None, stored: bool) -> Doc:
        """One message about a document as it now is; `tail` is a large member kept as text."""
        number = self.sequences[doc["id"]] = self.sequences.get(doc["id"], 0) + 1
        message: Doc = {
            "id": news["id"],
            "version": 1,
            "sequenceNumber": number,
            "resource": {"typeId": type_id, "id": doc["id"]},
            "resourceVersion": doc["version"],
        }
        named = identifiers(doc)
        if named:
            message["resourceUserProvidedIdentifiers"] = named
        message |= {"type": news["type"], **news["payload"], "createdAt": news["at"], "lastModifiedAt": news["at"]}
        message |= {"createdBy": news["by"], "lastModifiedBy": news["by"]}
        self.recorded += 1
        if stored:
            heapq.heappush(self.unseen, (self.shows_at(news["at"]), self.recorded, message, tail))
        return message

    def shows_at(self, at: str) -> str:
        jitter = self.random.uniform(-1, 1) * self.settings.message_jitter_s
        delay_s = max(0.0, self.settings.message_delay_s + jitter) if self.settings.message_delay_s else 0.0
        return stamp(datetime.fromisoformat(at) + timedelta(seconds=delay_s))

    def show_due(self, now: str) -> None:
        while self.unseen and self.unseen[0][0] <= now:
            _, _, message, tail = heapq.heappop(self.unseen)
            self.collection.put(message, tail=tail)

    def forget_old(self, now: datetime, days: int) -> None:
        horizon, view = stamp(now - timedelta(days=days)), self.collection.views["createdAt"]
        while view and view[0][0] < horizon:
            self.collection.remove(flip(view[0][1]))
