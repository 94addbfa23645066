"""Tests of mappings.suggest: which code it may be, and why."""

from __future__ import annotations

import pytest

from connectors.canonical import Code, CodeKind, System
from mappings.live import LiveList
from mappings.models import SeenCode, ShipServiceMapping
from mappings.suggest import suggest
from portal.connections.models import Integration
from portal.ledger.models import CatalogueItem
from tests.mappings.conftest import connect


def waits(integration, value: str, *, kind: CodeKind = CodeKind.SHIP_SERVICE, label: str = "") -> SeenCode:
    return SeenCode(key="k", integration=integration, kind=kind.value, direction="to_hub", value=value, label=label)


def listed(*pairs: tuple[str, str]) -> LiveList:
    return LiveList(tuple(Code(CodeKind.SHIP_SERVICE, value, label) for value, label in pairs))


def told(found) -> list[tuple[str, str, bool]]:
    return [(one.code.value, one.reason, one.sure) for one in found]


class TestASuggestion:
    def test_is_sure_when_exact_and_unique(self, integration):
        found = suggest(waits(integration, "express"), listed(("express", ""), ("Express ", ""), ("x", "")))
        assert told(found) == [("express", "the same code", True), ("Express ", "the same apart from capitals and blanks", False)]

    def test_is_not_sure_when_two_are_exact(self, integration):
        found = suggest(waits(integration, "a", label="Next day"), listed(("a", ""), ("b", "Next day")))
        assert [sure for _, _, sure in told(found)] == [False, False]

    @pytest.mark.parametrize("value", ["Express", "EX PRESS", " express"])
    def test_never_is_sure_of_what_only_looks_the_same(self, integration, value):
        assert told(suggest(waits(integration, value), listed(("express", "")))) == [("express", "the same apart from capitals and blanks", False)]

    def test_does_not_take_blank_for_blank(self, integration):
        assert suggest(waits(integration, "", label=""), listed(("x", ""), ("y", " "))) == []

    def test_remembers_what_was_chosen_elsewhere(self, integration, channel):
        other = Integration.objects.create(name="DE", channel=channel, hub=connect("Veeqo DE", System.VEEQO))
        ShipServiceMapping.objects.create(integration=other, channel_code="express", hub_code="77")
        assert told(suggest(waits(integration, "express"), listed(("77", "Next day")))) == [("77", "chosen for this code in DE", False)]

    def test_finds_a_sku_by_its_barcode(self, integration, channel, hub):
        for connection, sku in ((channel, "SHOP-1"), (hub, "HUB-1"), (hub, "shop-1")):
            barcode = "" if sku == "shop-1" else "5012345678900"
            CatalogueItem.objects.create(connection=connection, reference=sku, sku=sku, barcode=barcode)
        found = suggest(waits(integration, "SHOP-1", kind=CodeKind.SKU), LiveList())
        assert told(found) == [("HUB-1", "the same barcode", False), ("shop-1", "the same apart from capitals and blanks", False)]

    def test_says_that_leading_zeros_differ(self, integration, hub):
        CatalogueItem.objects.create(connection=hub, reference="1", sku="42")
        assert told(suggest(waits(integration, "0042", kind=CodeKind.SKU), LiveList())) == [("42", "the same without the zeros in front", False)]
