"""Tests of mappings.changes: who may write, what is kept of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from connectors.canonical import CodeKind
from mappings import changes
from mappings.errors import UnmappedCode
from mappings.models import MissingRule, OnMissing, ShipServiceMapping, SkuMapping, StoreMapping
from mappings.resolve import to_hub
from portal.audit.models import AuditEvent
from tests.mappings.conftest import NOON


def service(integration, **told) -> ShipServiceMapping:
    return ShipServiceMapping(integration=integration, channel_code="express", hub_code="77", **told)


class TestSave:
    def test_keeps_who_and_why(self, integration, omar):  # A10
        row = changes.save(service(integration), by=omar, reason="new contract")
        version = row.history.get()
        assert (version.history_user, version.history_change_reason) == (omar, "new contract")

    def test_audits_what_changed(self, integration, omar):
        row = changes.save(service(integration), by=omar, reason="new contract")
        row.hub_code = "78"
        changes.save(row, by=omar, reason="they renumbered")
        event = AuditEvent.objects.filter(action="mapping.changed").get()
        assert (event.old, event.new, event.reason) == ({"hub_code": "77"}, {"hub_code": "78"}, "they renumbered")

    def test_asks_why(self, integration, omar):
        with pytest.raises(ValidationError, match="Say why"):
            changes.save(service(integration), by=omar, reason="  ")
        assert not ShipServiceMapping.objects.exists()

    @pytest.mark.parametrize(
        ("person", "kind", "may"),
        [
            ("omar", "service", True), ("omar", "sku", False), ("omar", "store", False),
            ("mira", "service", False), ("mira", "sku", True), ("mira", "store", False),
            ("ada", "service", True), ("ada", "sku", True), ("ada", "store", True), ("nell", "service", False),
        ],
    )  # fmt: skip
    def test_obeys_the_roles(self, integration, request, person, kind, may):  # requirements 4.2
        rows = {
            "service": service(integration),
            "sku": SkuMapping(integration=integration, channel_sku="A", hub_sku="B"),
            "store": StoreMapping(integration=integration, channel_code="uk", hub_code="1"),
        }
        by = request.getfixturevalue(person)
        if may:
            changes.save(rows[kind], by=by, reason="because")
        else:
            with pytest.raises(PermissionDenied):
                changes.save(rows[kind], by=by, reason="because")
        assert (rows[kind].pk is not None) == may

    def test_refuses_an_overlap_in_words(self, integration, omar):
        changes.save(service(integration), by=omar, reason="because")
        with pytest.raises(ValidationError, match="answers the same question"):
            changes.save(service(integration), by=omar, reason="because")


class TestEnd:
    def test_stops_the_answer_but_keeps_the_row(self, integration, omar):
        row = changes.save(service(integration), by=omar, reason="because")
        changes.end(row, by=omar, reason="contract over", at=NOON)
        assert to_hub(CodeKind.SHIP_SERVICE, "express", integration=integration, at=NOON - timedelta(seconds=1)).value == "77"
        with pytest.raises(UnmappedCode):
            to_hub(CodeKind.SHIP_SERVICE, "express", integration=integration, at=NOON)

    def test_happens_once(self, integration, omar):
        row = changes.save(service(integration), by=omar, reason="because")
        changes.end(row, by=omar, reason="contract over")
        with pytest.raises(ValidationError, match="ended already"):
            changes.end(row, by=omar, reason="again")


class TestRevert:
    def test_says_again_what_was_said(self, integration, omar):  # A10
        row = changes.save(service(integration), by=omar, reason="because")
        first = row.history.first().history_id
        row.hub_code = "78"
        changes.save(row, by=omar, reason="wrong idea")
        changes.revert(row, first, by=omar, reason="that was wrong")
        row.refresh_from_db()
        assert (row.hub_code, row.history.count(), row.history.first().history_change_reason) == ("77", 3, "that was wrong")

    def test_takes_up_an_ended_row_unless_another_took_its_place(self, integration, omar):
        row = changes.save(service(integration), by=omar, reason="because")
        first = row.history.first().history_id
        changes.end(row, by=omar, reason="over")
        changes.save(service(integration, effective_from=row.effective_to), by=omar, reason="a new one")
        with pytest.raises(ValidationError, match="answers the same question"):
            changes.revert(row, first, by=omar, reason="back")


class TestOnMissing:
    def test_is_set_by_those_who_keep_the_table(self, integration, omar, mira):
        with pytest.raises(PermissionDenied):
            changes.set_on_missing(integration, CodeKind.SHIP_SERVICE, OnMissing.FAIL, by=mira, reason="because")
        changes.set_on_missing(integration, CodeKind.SHIP_SERVICE, OnMissing.FAIL, by=omar, reason="because")
        assert MissingRule.objects.get().on_missing == "fail"
        assert AuditEvent.objects.get(action="mapping.on_missing").old == {"on_missing": "hold"}

    def test_lets_pass_only_what_a_message_can_do_without(self, integration, omar, mira):  # R115, R116
        changes.set_on_missing(integration, CodeKind.CARRIER, OnMissing.PASS, by=omar, reason="they choose")
        with pytest.raises(ValidationError, match="Nothing can go on without its SKU"):
            changes.set_on_missing(integration, CodeKind.SKU, OnMissing.PASS, by=mira, reason="no")
        assert MissingRule.objects.get().on_missing == "pass"
