"""The evidence of a case as one zip file (A11): its story, its items, what was exchanged, all with secrets hidden."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from exceptions.models import CaseItem, ExceptionCase
from exceptions.rules import rule_of

Files = dict[str, Any]  # name → what goes into the file: text, or anything JSON can say

# Subject's first word → what else belongs into the bundle; filled by the apps that keep it (requests, answers, mapping versions).
SOURCES: dict[str, Callable[[ExceptionCase, str], Files]] = {}
MOST_SUBJECTS = 50  # the exchanges of the oldest so many; the list of items is complete
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins with these


def add_source(prefix: str, source: Callable[[ExceptionCase, str], Files]) -> None:
    """`source(case, "order:12")` gives files, already redacted."""
    SOURCES[prefix] = source


def bundle(case: ExceptionCase, *, evidence: bool) -> bytes:
    """The zip; without `evidence` only what everybody may read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("case.json", _json(story(case)))
        archive.writestr("timeline.json", _json([_event(event) for event in case.events.select_related("by")]))
        archive.writestr("items.csv", items(case))
        if evidence:
            archive.writestr("evidence.json", _json(case.evidence))
            for name, content in exchanges(case).items():
                archive.writestr(name, content if isinstance(content, str) else _json(content))
    return packed.getvalue()


def story(case: ExceptionCase) -> dict[str, Any]:
    words = rule_of(case.kind).words
    return {
        "case": case.pk, "kind": case.kind, "name": case.rule.name, "meaning": words.meaning, "cause": case.cause, "team": case.team.label,
        "severity": case.level.label, "state": case.state, "opened_at": case.opened_at, "acknowledged_at": case.acknowledged_at,
        "acknowledge_by": case.ack_due_at, "resolve_by": case.resolve_due_at, "outside_deadline": case.deadline_at,
        "consequence": case.consequence, "value": case.value, "affected": case.items_total, "still_waiting": case.items_open,
        "came_back": case.regressions, "resolution": case.resolution, "resolution_note": case.resolution_note,
        "resolved_at": case.resolved_at, "resolved_by": case.resolved_by.called if case.resolved_by else None, "proof": case.proof,
    }  # fmt: skip


def items(case: ExceptionCase) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["item", "value", "currency", "units", "since", "solved", "proof"])
    for item in case.items.order_by("at", "pk").iterator():
        rows.writerow([plain(str(cell)) for cell in _row(item)])
    return text.getvalue()


def _row(item: CaseItem) -> list[object]:
    solved = item.cleared_at.isoformat() if item.cleared_at else ""
    proof = json.dumps(item.proof, ensure_ascii=False) if item.proof else ""
    return [item.label, "" if item.value is None else item.value, item.currency, item.units, item.at.isoformat(), solved, proof]


def plain(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def exchanges(case: ExceptionCase) -> Files:
    found: Files = {}
    for subject in case.items.order_by("at", "pk").values_list("subject", flat=True)[:MOST_SUBJECTS]:
        source = SOURCES.get(subject.partition(":")[0])
        for name, content in (source(case, subject) if source else {}).items():
            found[f"{UNSAFE.sub('-', subject)}/{UNSAFE.sub('-', name)}"] = content
    return found


def _event(event: Any) -> dict[str, Any]:
    by = event.by.called if event.by else "Lockstep"
    return {"at": event.at, "by": by, "what": event.verb, "text": event.text, "data": event.data}


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
