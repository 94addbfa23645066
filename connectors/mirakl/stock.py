"""Publishes stock as one file for all targets: sent, followed to its end, its report read, one verdict for each line.

STO01 (or OF01 with three columns) leaves everything but the quantity alone. OF24 resets whatever a call leaves out, so it is never
used. https://developer.mirakl.com
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.canonical import StockTarget, StockVerdict
from connectors.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable
from connectors.mirakl.client import Client, Row, counted, refusal
from connectors.mirakl.doors import DOORS, Door, Key
from connectors.mirakl.offers import find_offers, read_levels
from connectors.mirakl.pacing import keep, peek
from connectors.mirakl.report import Failure, read_report
from connectors.mirakl.upload import CsvUpload
from connectors.reading import text

MOST_UNITS = 1_000_000_000
LONGEST_SKU = 40
FIRST_LOOK_S = 3.0
FINAL = frozenset({"COMPLETE", "FAILED"})
LOOK_UPS = 50  # so many refused SKUs are looked up, to tell those that have no offer
PENDING_S = 3600.0
pause = time.sleep


@dataclass(frozen=True)
class Begun:
    """An import on its way; `resumed`: it was sent by an earlier call that did not see its end."""

    import_id: str
    resumed: bool = False


class Publisher:
    """Publishes for one shop. A file whose end was not seen is remembered: the same levels again wait for it instead of being sent twice."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.settings = client.settings

    def publish(self, targets: Sequence[StockTarget]) -> Iterator[StockVerdict]:
        """Errors that concern every target (access, outage, a file not worked off in time) are raised."""
        doors = DOORS.get(self.settings.text("stock_import"), DOORS["auto"])
        good: dict[Key, StockTarget] = {}
        for target in targets:
            why = fault(target, encoding=self.settings.text("csv_encoding"))
            if why:
                yield refused(target, code="not_sendable", sentence=why)
            else:
                good[target.sku, target.warehouse_code] = target
        if good:
            yield from self.through(doors, good)

    def through(self, doors: Sequence[Door], good: dict[Key, StockTarget]) -> Iterator[StockVerdict]:
        """By the first door; by the second where the operator does not have the first (404, 405)."""
        for door in doors:
            sendable = {key: target for key, target in good.items() if door.warehouses or not target.warehouse_code}
            begun = self.begin(door, list(sendable.values())) if sendable else Begun("")
            if begun is None:
                continue
            for key, target in good.items():
                if key not in sendable:
                    yield refused(target, code="no_warehouses", sentence="Stock goes to this operator by OF01, which knows no warehouses.")
            if sendable:
                yield from self.finish(door, begun, sendable)
            return
        raise Rejected("This operator has no way to import stock (STO01 and OF01 answer 404).", code="404")

    def begin(self, door: Door, targets: list[StockTarget]) -> Begun | None:
        """Send the file, unless the same one is on its way; None where the operator has no such door."""
        name, print_ = f"{self.client.scope}:{door.name}:pending", fingerprint(door, targets)
        written = peek(self.client.http.tokens, name)
        pending = json.loads(written) if written else {}
        if pending.get("print") == print_:
            return Begun(str(pending["id"]), resumed=True)
        upload = CsvUpload(
            door.columns,
            lambda: map(door.row, targets),
            delimiter=self.settings.delimiter,
            encoding=self.settings.text("csv_encoding"),
            fields=dict(door.fields),
        )
        operation, path = door.upload
        answer = self.client.call(operation, "POST", path, data=upload, headers={"Content-Type": upload.content_type}, idempotent=True)
        if answer.status in (404, 405):
            return None
        if not 200 <= answer.status < 300:
            raise refusal(answer, "Mirakl did not take the stock file.")
        import_id = text(self.client.written(operation, answer).get("import_id"))
        if not import_id:
            raise OutcomeUnknown("Mirakl took the stock file but gave no number for it, so its outcome cannot be followed.", exchange=answer.exchange)
        keep(self.client.http.tokens, name, json.dumps({"print": print_, "id": import_id}), lifetime_s=PENDING_S, instead_of=written)
        return Begun(import_id)

    def finish(self, door: Door, begun: Begun, targets: dict[Key, StockTarget]) -> Iterator[StockVerdict]:
        status = self.wait(door, begun.import_id)
        name = f"{self.client.scope}:{door.name}:pending"
        keep(self.client.http.tokens, name, "{}", lifetime_s=PENDING_S, instead_of=peek(self.client.http.tokens, name))
        if text(status.get("status")) == "FAILED":
            why = text(status.get("reason_status")) or "no reason given"
            sentence = f"Mirakl could not work off the stock file {begun.import_id}: {why}."
            yield from (refused(target, code="import_failed", sentence=sentence) for target in targets.values())
            return
        errors = counted(status.get("lines_in_error"))
        named: dict[Key, Failure] = {}
        nameless: list[Failure] = []
        if status.get("has_error_report") is True or errors:
            named, nameless = self.read_failures(door, begun.import_id, targets)
            yield from self.named(named, targets)
        unnamed = len(nameless) if errors is None else errors - len(named)
        rest = {key: target for key, target in targets.items() if key not in named}
        if begun.resumed:
            yield from self.still_shown(rest)
        elif unnamed > 0:
            yield from self.compared(rest, nameless)
        else:
            yield from map(published, rest.values())

    def wait(self, door: Door, import_id: str) -> Row:
        """The status of a file that is done. OutcomeUnknown when it takes longer than the connection waits."""
        operation, path = door.status
        every_s = self.settings.number("status_every_s", default=door.every_s)
        left_s, next_s = float(self.settings.number("import_wait_s")), FIRST_LOOK_S
        while next_s <= left_s:
            pause(next_s)
            left_s, next_s = left_s - next_s, every_s
            try:
                status = self.client.get(operation, path.format(quote(import_id, safe="")))
            except RateLimited as error:
                next_s = max(1, error.retry_after_s or every_s)
                continue
            except Unavailable:
                continue
            if text(status.get("status")) in FINAL:
                return status
        sentence = "Mirakl is still working on the stock file; its outcome is looked up again shortly."
        raise OutcomeUnknown(sentence, detail=f"{door.name} import {import_id}")

    def read_failures(self, door: Door, import_id: str, targets: dict[Key, StockTarget]) -> tuple[dict[Key, Failure], list[Failure]]:
        """The targets that the report names, and its lines that name none."""
        named: dict[Key, Failure] = {}
        nameless: list[Failure] = []
        for failure in self.report(door, import_id):
            key = match(door, failure, targets)
            if key:
                named[key] = failure
            else:
                nameless.append(failure)
        return named, nameless

    def report(self, door: Door, import_id: str) -> Iterable[Failure]:
        operation, path = door.report
        answer = self.client.call(operation, "GET", path.format(quote(import_id, safe="")), headers={"Accept": "*/*"})
        if answer.status == 404:
            return ()
        if answer.status != 200:
            raise refusal(answer, "Mirakl did not give the stock file's error report.")
        return read_report(answer.body, sent=door.columns, first=door.reason_first, encoding=self.settings.text("csv_encoding"))

    def named(self, named: dict[Key, Failure], targets: dict[Key, StockTarget]) -> Iterator[StockVerdict]:
        """Refused lines, each with Mirakl's own reason; those without an offer are told apart by looking."""
        for position, (key, failure) in enumerate(named.items()):
            unknown = position < LOOK_UPS and not find_offers(self.client, key[0])
            yield refused(targets[key], code="unknown_sku" if unknown else "refused", sentence=failure.reason or "Mirakl gives no reason.")

    def still_shown(self, rest: dict[Key, StockTarget]) -> Iterator[StockVerdict]:
        """An older file is done, but later ones may have overtaken it: without a verdict where the offer shows something else."""
        shown = self.shown(rest)
        yield from (published(target) for key, target in rest.items() if shown.get(key) == target.quantity)

    def shown(self, targets: dict[Key, StockTarget]) -> dict[Key, int]:
        return {(level.sku, level.warehouse_code): level.available for level in read_levels(self.client, [sku for sku, _ in targets])}

    def compared(self, rest: dict[Key, StockTarget], nameless: list[Failure]) -> Iterator[StockVerdict]:
        said = "; ".join(failure.reason for failure in nameless[:3]) or "its report was empty"
        shown = self.shown(rest)
        for key, target in rest.items():
            if shown.get(key) == target.quantity:
                yield published(target)
                continue
            now = f"the offer shows {shown[key]}" if key in shown else "there is no such offer"
            sentence = f"Mirakl refused lines that its report does not name (“{said}”), and {now} instead of {target.quantity}."
            yield refused(target, code="not_shown" if key in shown else "unknown_sku", sentence=sentence)


def match(door: Door, failure: Failure, targets: dict[Key, StockTarget]) -> Key | None:
    """The target of a report's line: by its columns, else the only one whose SKU stands in it."""
    key = door.key(failure.columns)
    if key in targets:
        return key
    sku = key[0]
    same = [each for each in targets if each[0] == sku] if sku else [each for each in targets if f'"{each[0]}"' in failure.raw]
    return same[0] if len(same) == 1 else None


def fault(target: StockTarget, *, encoding: str) -> str:
    """Why a target cannot be put into a file; "" when it can."""
    if not target.sku or len(target.sku) > LONGEST_SKU or "/" in target.sku:
        return f"Mirakl's SKUs have 1 to {LONGEST_SKU} characters and no slash."
    if any(not character.isprintable() for character in target.sku + target.warehouse_code):
        return "The SKU holds a character that cannot be printed."
    try:
        f"{target.sku}{target.warehouse_code}".encode(encoding)
    except UnicodeEncodeError:
        return f"The SKU holds a character that {encoding} does not have."
    return "" if 0 <= target.quantity <= MOST_UNITS else f"The level {target.quantity} is outside of 0 to {MOST_UNITS:,}."


def fingerprint(door: Door, targets: Iterable[StockTarget]) -> str:
    """The same for the same lines in any order. Added up line by line, for fifty thousand lines are not to be sorted in memory."""
    lines = (hashlib.sha256(repr(door.row(target)).encode()).digest() for target in targets)
    return f"{door.name}:{sum(int.from_bytes(line) for line in lines) % 2**256:064x}"


def published(target: StockTarget) -> StockVerdict:
    return StockVerdict(target.sku, target.warehouse_code, ok=True, quantity=target.quantity, **kept_of(target))


def refused(target: StockTarget, *, code: str, sentence: str) -> StockVerdict:
    return StockVerdict(target.sku, target.warehouse_code, ok=False, code=code, sentence=sentence, **kept_of(target))


def kept_of(target: StockTarget) -> dict[str, Any]:
    return {"reference": target.reference, "version": target.version}
