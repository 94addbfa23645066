"""What shows that a catalogue's case is solved: both catalogues as last read (A4)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from exceptions.models import CaseItem, ExceptionCase
from exceptions.proof import Proof, register
from mappings.renamed import is_known
from portal.connections.models import Integration, Master
from portal.ledger.models import CatalogueItem
from portal.sync.case_actions.held_up import open_subjects
from portal.sync.catalogue import collisions, packs
from portal.sync.catalogue.pairs import joined, listed, names_there, other_side
from portal.sync.catalogue.renames import systems
from portal.sync.catalogue.subjects import listing_pks
from portal.sync.models import OutboundMessage, State

THERE = (State.SENT, State.CONFIRMED)
CHUNK = 500


@register("E12")
def key_is_unique(case: ExceptionCase) -> Proof | None:
    if case.connection is None or "how" not in case.evidence:
        return None
    if case.evidence["how"] == packs.PACK:
        return None if packs.still_differ(case.evidence) else Proof({"pack sizes": "agree", "SKU": case.evidence["key"]})
    if collisions.still_there(str(case.evidence["how"]), str(case.evidence["key"]), case.connection):
        return None
    return Proof({"listed once": case.evidence["key"], "in": case.connection.name})


@register("E13")
def catalogues_agree(case: ExceptionCase) -> Proof | None:
    """Products the other side lists by now, or that are sold no more; pairs that say the same; refused products that were taken."""
    subjects = open_subjects(case)
    done = [
        *listings_done([one for one in subjects if one.startswith("listing:")], at=timezone.now()),
        *pairs_done([one for one in subjects if one.startswith("pair:")]),
        *saves_done([one for one in subjects if one.startswith("item:")]),
    ]
    return Proof({"both catalogues": "agree"}, tuple(done)) if done else None


def listings_done(subjects: list[str], *, at: datetime) -> list[str]:
    done: list[str] = []
    for start in range(0, len(subjects), CHUNK):
        asked = {subject: listing_pks(subject) for subject in subjects[start : start + CHUNK]}
        items = CatalogueItem.objects.in_bulk({item for _, item in asked.values()})
        for pk in {integration for integration, _ in asked.values()}:
            mine = {subject: items.get(item) for subject, (integration, item) in asked.items() if integration == pk}
            done += listed_there(pk, mine, at=at)
    return done


def listed_there(integration_pk: int, asked: dict[str, CatalogueItem | None], *, at: datetime) -> list[str]:
    """Those of one integration that need nothing any more."""
    integration = Integration.objects.select_related("channel", "hub").filter(pk=integration_pk, removed_at=None).first()
    waiting = {subject: item for subject, item in asked.items() if item is not None and item.gone_at is None and item.active}
    if integration is None or not waiting:
        return list(asked)
    side = next(iter(waiting.values())).connection_id
    names = names_there(side, [item.sku for item in waiting.values()], integration, at=at)
    return [subject for subject in asked if subject not in waiting or waiting[subject].sku in names]


def pairs_done(subjects: list[str]) -> list[str]:
    """“pair:<item>:<item>”: what both sides say of one SKU."""
    asked = {subject: [int(pk) for pk in subject.split(":")[1:]] for subject in subjects}
    items = CatalogueItem.objects.in_bulk({pk for pks in asked.values() for pk in pks})
    return [subject for subject, pks in asked.items() if agree([items[pk] for pk in pks if pk in items])]


def agree(items: list[CatalogueItem]) -> bool:
    here = [item for item in items if item.gone_at is None]
    return len(here) < 2 or (len({item.barcode for item in here if item.barcode}) < 2 and len({item.pack_size for item in here}) == 1)


def saves_done(subjects: list[str]) -> list[str]:
    """The last try to tell the other side went through."""
    rows = OutboundMessage.objects.filter(kind="save_variant", subject__in=subjects).order_by("pk").values_list("subject", "state")
    last = dict(rows)
    return [subject for subject, state in last.items() if state in THERE]


@register("E15")
def explained_or_undone(case: ExceptionCase) -> Proof | None:
    """The old SKU is back, an alias says what became of it, or the product is gone."""
    old, new = str(case.evidence.get("old", "")), str(case.evidence.get("new", ""))
    item = edited_item(case)
    if item is None or case.connection is None:
        return None
    if item.gone_at is not None or item.sku == old:
        return Proof({"SKU is again": old} if item.gone_at is None else {"product": "is gone"})
    integrations = joined(case.connection)
    if is_known(systems(case.connection, integrations), old=old, new=new, at=timezone.now()):
        return Proof({"alias": f"{old} → {new}"})
    if any(followed(one, item, old, new) for one in integrations):
        return Proof({"both sides say": new})
    return None


def edited_item(case: ExceptionCase) -> CatalogueItem | None:
    subject = CaseItem.objects.filter(case=case, subject__startswith="item:").values_list("subject", flat=True).first()
    return CatalogueItem.objects.filter(pk=int(subject.removeprefix("item:"))).first() if subject else None


def followed(integration: Integration, item: CatalogueItem, old: str, new: str) -> bool:
    """Where another system is master, both sides are told by it: the change is right once the other side has it too."""
    there = other_side(item.connection_id, integration)
    return integration.product_master == Master.PORTAL and listed(there, new) is not None and listed(there, old) is None
