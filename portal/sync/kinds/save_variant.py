"""Tells the other side what the product master says of a product: found by SKU first, created once, its SKU never edited (R72-R74)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.canonical import Done, Variant
from connectors.errors import Rejected
from exceptions.cases import clear_items
from portal.connections.models import Connection, Integration
from portal.ledger.expect import Expected, met
from portal.ledger.models import CatalogueItem
from portal.sync.catalogue.pairs import listed, names_there
from portal.sync.catalogue.subjects import item_subject, listing_subject
from portal.sync.failures import settle_s
from portal.sync.kinds import Moot, NotYet, Request
from portal.sync.models import OutboundMessage, State
from portal.sync.release import release_sku
from portal.sync.subjects import subject_pk

CLEAN_LOOKS = 2  # searches that found nothing, one settle time apart, before it is created again
SIBLINGS = 100
ELDER_AGAIN_S = 5.0


def prepare(message: OutboundMessage, *, at: datetime) -> Request:
    """The product as the master has it now, under the name the other side knows it by. Moot when it is gone; NotYet while its product is made."""
    item = CatalogueItem.objects.select_related("connection").get(pk=subject_pk(message.subject))
    integration = message.integration
    assert integration is not None
    if item.gone_at is not None or not item.active or not item.sku:
        raise Moot("The product is not sold any more.")
    inherit_doubt(message)
    name = names_there(item.connection_id, [item.sku], integration, at=at).get(item.sku)
    sku = name.value if name else item.sku
    known = listed(message.connection, sku)
    product = known.product_reference if known else family(item, integration, message.connection, at=at)
    if known is None and item.product_reference and not product:
        after_elders(message)
    body = Variant(
        reference=known.reference if known else "",
        product_reference=product,
        sku=sku,
        version=item.version,
        title=item.title,
        barcode=item.barcode,
        price=item.price,
        currency=item.currency,
        tax_rate=item.tax_rate,
        weight_g=item.weight_g,
        pack_size=item.pack_size,
    )
    return Request(body=body, uses=(name,) if name else ())


def after_elders(message: OutboundMessage) -> None:
    """Whoever comes first makes the product, the others join it: a variant whose elder is to be tried again waits for that (R72)."""
    elders = OutboundMessage.objects.filter(connection=message.connection, kind=message.kind, lane=message.lane, pk__lt=message.pk)
    if elders.filter(state__in=(State.QUEUED, State.IN_FLIGHT)).exclude(subject=message.subject).exists():
        raise NotYet(ELDER_AGAIN_S, "Waits for the first variant of its product, which is not there yet.")


def inherit_doubt(message: OutboundMessage) -> None:
    """An earlier try may have created it already: this one takes over the doubt, and the earlier one goes."""
    earlier = OutboundMessage.objects.filter(connection=message.connection, kind=message.kind, subject=message.subject, pk__lt=message.pk)
    unsure = earlier.filter(state__in=(State.QUEUED, State.SUPERSEDED), looks_first=True)
    if unsure.exists():
        message.looks_first = True
        unsure.update(state=State.SUPERSEDED, looks_first=False, note="A newer value took its place.", waiting_for="")


def family(item: CatalogueItem, integration: Integration, there: Connection, *, at: datetime) -> str:
    """The other side's product that this variant belongs to; "" when it is the first of its product there."""
    if not item.product_reference:
        return ""
    kin = CatalogueItem.objects.filter(connection=item.connection_id, product_reference=item.product_reference, gone_at=None).exclude(pk=item.pk)
    skus = list(kin.exclude(sku="").values_list("sku", flat=True)[:SIBLINGS])
    names = [name.value for name in names_there(item.connection_id, skus, integration, at=at).values()] if skus else []
    theirs = list(CatalogueItem.objects.filter(connection=there, gone_at=None, sku__in=names).order_by("pk"))
    product = next((one.product_reference for one in theirs if one.product_reference), "")
    if theirs and not product:
        raise NotYet(settle_at(there), f"Waits until {there} shows the product it belongs to.")
    return product


def settle_at(there: Connection) -> float:
    return max(1.0, float(there.options.get("settle_s") or 60))


def perform(connector: Any, message: OutboundMessage, request: Request) -> Done:
    """Look by SKU, then create or update. Rejected when the SKU is there twice: nobody guesses."""
    variant: Variant = request.body
    if not variant.reference:
        found = connector.find_variants(variant.sku)
        if len(found) > 1:
            raise Rejected(
                f"{message.connection} lists SKU {variant.sku} {len(found)} times, so it is not clear which to change.", code="ambiguous_sku"
            )
        if found:
            variant = replace(variant, reference=found[0].reference, product_reference=found[0].product_reference)
        elif message.looks_first:
            look_again(message)
    message.payload = {**message.payload, "clean_looks": 0}
    done: Done = connector.save_variant(variant)
    if not variant.product_reference:
        made = next((one for one in connector.find_variants(variant.sku) if one.reference == done.reference), None)
        variant = replace(variant, product_reference=made.product_reference if made else "")
    message.payload = {**message.payload, "saved": [variant.sku, variant.product_reference]}
    return done


def look_again(message: OutboundMessage) -> None:
    """NotYet until it was looked for often enough to be sure that the lost answer made nothing."""
    looks = int(message.payload.get("clean_looks", 0)) + 1
    message.payload = {**message.payload, "clean_looks": looks}
    if looks < CLEAN_LOOKS:
        raise NotYet(settle_s(message), f"Looked in {message.connection} and did not find it; it is looked for once more before it is created again.")


def record(message: OutboundMessage, request: Request, done: Done, *, at: datetime) -> None:
    """The other side has it: orders that waited for the SKU go."""
    item = CatalogueItem.objects.get(pk=subject_pk(message.subject))
    assert message.integration is not None
    sku, product = message.payload["saved"]
    variant: Variant = request.body
    told = {"title": variant.title[:300], "barcode": variant.barcode, "price": variant.price, "pack_size": variant.pack_size}
    CatalogueItem.objects.get_or_create(
        connection=message.connection,
        reference=done.reference[:160],
        defaults={**told, "sku": sku, "product_reference": product, "tax_rate": variant.tax_rate, "seen_at": at},
    )
    listing = listing_subject(item, message.integration)
    met(Expected.IN_CATALOGUE, listing, at=at)
    clear_items("E13", subjects=[item_subject(item), listing], proof={"listed in": message.connection.name, "id there": done.reference}, at=at)
    release_sku(message.connection, sku, at=at)


def explain(error: Rejected, message: OutboundMessage) -> Exception:
    return error
