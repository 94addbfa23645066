"""What the mappings' pages ask the corridor."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from mappings.models import ShipServiceMapping
from portal.sync.mapping_questions import CorridorOrders, outlook
from portal.sync.models import OutboundMessage


class TestOrdersThatWait:
    def test_are_counted_with_their_value(self, corridor):
        corridor.place(shipping_method="express")
        corridor.place(shipping_method="express")
        corridor.run()
        [key] = set(OutboundMessage.objects.filter(state="parked").values_list("waiting_for", flat=True))

        [waiting] = CorridorOrders().waiting([key]).values()

        assert waiting.orders == 2
        assert waiting.values["GBP"] > 0


class TestOrdersThatUsedARow:
    def test_are_listed(self, corridor):  # A10
        [placed] = corridor.place()
        corridor.run()
        row = ShipServiceMapping.objects.get(channel_code="standard")

        [link] = CorridorOrders().used("ship_service", row.pk, since=timezone.now() - timedelta(hours=1), limit=5)

        assert link.label == placed["orderNumber"]


class TestTheOutlook:
    def test_tells_what_newly_passes_and_keeps_nothing(self, corridor):  # A9
        corridor.place(shipping_method="express")
        corridor.run()
        hub_code = str(corridor.made["delivery_methods"]["Express"])
        row = ShipServiceMapping(integration=corridor.integration, channel_code="express", hub_code=hub_code)

        found = outlook(row, 50)

        assert len(found.passes) == 1
        assert not ShipServiceMapping.objects.filter(channel_code="express").exists()
        assert row.pk is None
