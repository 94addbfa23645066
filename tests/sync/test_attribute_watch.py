"""New attributes on orders: noticed once, asked about once, closed by the decision (R159)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors import canonical
from connectors.canonical import OrderState, Payment
from exceptions.models import ExceptionCase
from mappings import attributes
from mappings.attributes import MOST, decide
from mappings.models import SeenAttribute
from mappings.models.attributes import Decision, Sort
from portal.sync.attribute_watch import names_of, watch, watching
from portal.sync.models import Cursor, InboundMessage
from portal.sync.poll import poll
from tests.people import person


def bring(corridor, **fields: str) -> dict[str, Any]:
    """An order whose custom fields somebody at the shop has just invented."""
    [placed] = corridor.place()
    poll(corridor.channel, "orders", at=timezone.now())
    message = InboundMessage.objects.get(topic="orders", subject__contains=placed["id"])
    message.body = json.dumps({**json.loads(bytes(message.body)), "custom": {"type": {"typeId": "type", "id": "t"}, "fields": fields}}).encode()
    message.save(update_fields=["body"])
    corridor.run()
    return placed


def cases() -> list[ExceptionCase]:
    return list(ExceptionCase.objects.filter(kind="E24", fingerprint__startswith="attribute:").order_by("pk"))


def one(name: str) -> SeenAttribute:
    return SeenAttribute.objects.get(name=name)


def sold(**told) -> canonical.SalesOrder:
    now = timezone.now()
    return canonical.SalesOrder("r", "n", "1", OrderState.OPEN, "GBP", (), now, now, **told)


@pytest.fixture
def running(corridor):
    """The shop has been read to its end once."""
    bring(corridor, campaign="spring")
    Cursor.objects.update(first_done_at=timezone.now() - timedelta(hours=1))
    SeenAttribute.objects.update(first_seen_at=timezone.now() - timedelta(days=2))
    return corridor


class TestTheFirstDay:
    def test_asks_nothing_because_all_is_new_then(self, running):  # R159
        SeenAttribute.objects.update(first_seen_at=timezone.now() - timedelta(hours=23))
        bring(running, engraving="A.")
        assert cases() == []
        assert one("custom.engraving").is_news is False


class TestTheFirstReading:
    def test_lists_what_is_there_and_raises_nothing(self, corridor):  # R159
        bring(corridor, campaign="spring", gift="yes")

        assert {"custom.campaign", "custom.gift"} <= set(SeenAttribute.objects.values_list("name", flat=True))
        assert not SeenAttribute.objects.filter(is_news=True).exists()
        assert cases() == []

    def test_goes_on_until_the_orders_that_were_there_are_taken_in(self, corridor):
        bring(corridor, campaign="spring")
        Cursor.objects.filter(feed="orders").update(first_done_at=timezone.now() + timedelta(minutes=1))
        bring(corridor, gift="yes")

        assert one("custom.gift").is_news is False
        assert cases() == []


class TestANewAttribute:
    def test_is_raised_to_the_admins_once(self, running):  # R159
        first = bring(running, campaign="x", engraving="Ana")
        for _ in range(2):
            bring(running, engraving="Lee")

        [case] = cases()
        assert (case.owner, case.severity) == ("ADM", 3)
        assert "custom.engraving" in case.cause
        assert first["orderNumber"] in case.cause
        assert (one("custom.engraving").times, one("custom.engraving").is_news) == (3, True)

    def test_holds_nothing_up(self, running):
        placed = bring(running, engraving="Ana")

        assert running.order(placed).stage == "with_hub"

    def test_keeps_no_value_of_it(self, running):
        bring(running, engraving="for Ana Lee")

        assert "Ana Lee" not in str([list(row) for row in SeenAttribute.objects.values_list()])
        assert "Ana Lee" not in str(cases()[0].evidence)

    def test_makes_one_case_of_all_that_one_order_brings(self, running):
        bring(running, **{f"field{number}": "x" for number in range(12)})

        [case] = cases()
        assert case.items_open == 12
        assert "and 4 more" in case.cause

    def test_costs_no_query_for_an_order_that_brings_nothing_new(self, running):
        placed = bring(running, campaign="spring")
        order, seen = running.order(placed), sold(extra={"custom.campaign": "x"})
        message = InboundMessage.objects.latest("pk")
        assert order.integration is not None
        with CaptureQueriesContext(database) as queries, watching():
            for _ in range(50):
                watch(order, seen, message, at=timezone.now())

        assert len(queries) == 2
        assert one("custom.campaign").times == 52

    def test_stops_being_remembered_when_there_are_too_many(self, running):
        [placed] = running.place()
        running.run()
        seen = sold(extra={f"custom.f{number}": "x" for number in range(MOST + 50)})
        watch(running.order(placed), seen, InboundMessage.objects.latest("pk"), at=timezone.now())

        assert SeenAttribute.objects.filter(integration=running.integration).count() == MOST


class TestTheNames:
    def test_are_those_of_fields_tags_and_payment_methods(self):
        seen = sold(extra={"custom.gift": "yes"}, tags=("vip", "gift:yes", "gift=no"), payments=(Payment("p", method="Klarna"),))

        assert names_of(seen) == {(Sort.FIELD, "custom.gift"), (Sort.TAG, "vip"), (Sort.TAG, "gift"), (Sort.PAYMENT, "Klarna")}

    def test_leave_out_the_numbers_of_lines(self):
        seen = sold(extra={"line.4711-1.offer_sku": "A", "line.4711-2.offer_sku": "B"})

        assert names_of(seen) == {(Sort.FIELD, "line.offer_sku")}


class TestTheDecision:
    @pytest.fixture
    def news(self, running) -> SeenAttribute:
        bring(running, engraving="Ana")
        return one("custom.engraving")

    def test_closes_the_case_with_itself_as_proof(self, news):
        decide(news, Decision.IGNORE, by=person("ada"), reason="Only for the engraver")

        [case] = cases()
        assert case.is_open is False
        assert "ignore it" in case.proof["decided"]

    def test_is_for_those_who_set_integrations_up(self, news):
        with pytest.raises(PermissionDenied):
            decide(news, Decision.USE, by=person("mira"), reason="x")
        with pytest.raises(ValidationError, match="Say why"):
            decide(news, Decision.USE, by=person("ada"), reason=" ")
        assert one("custom.engraving").decision == ""

    def test_is_not_asked_for_again(self, running, news):
        decide(news, Decision.USE, by=person("ada"), reason="For the filter")
        bring(running, engraving="Lee")

        assert [case.is_open for case in cases()] == [False]

    def test_can_be_taken_back(self, news):
        decide(news, Decision.USE, by=person("ada"), reason="For the filter")
        decide(news, None, by=person("ada"), reason="Not yet")

        assert (one("custom.engraving").decision, one("custom.engraving").decided_at) == ("", None)

    def test_is_made_on_the_page_and_read_by_everybody(self, client, news):
        where = reverse("mappings:decide-attribute", args=[news.pk])
        client.force_login(person("mira"))
        shown = client.get(reverse("mappings:attributes")).content.decode()
        refused = client.post(where, {"decision": "use", "reason": "x"}).status_code
        client.force_login(person("ada"))
        answer = client.post(where, {"decision": "use", "reason": "Sort engraved orders"}, follow=True).content.decode()

        assert ("custom.engraving" in shown, refused) == (True, 403)
        assert "extra.custom.engraving" in answer
        assert one("custom.engraving").decision == "use"

    def test_narrows_the_list_to_what_nobody_decided(self, news):
        before = attributes.listed(None, undecided=True)
        decide(news, Decision.IGNORE, by=person("ada"), reason="x")

        assert news in before
        assert news not in attributes.listed(None, undecided=True)
        assert before[0] == news
