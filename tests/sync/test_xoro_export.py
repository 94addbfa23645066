"""Orders from an ERP to the warehouse: after waves, through the filters, under the mapped store, in the mapped words."""

from __future__ import annotations

import pytest

from connectors.errors import RateLimited, Unavailable
from exceptions.models import ExceptionCase
from mappings import changes
from mappings.models import MissingRule, ShipServiceMapping, SkuMapping, StoreMapping
from portal.connections.models import FilterRow, Mode
from portal.ledger.models import CatalogueItem, SalesOrder, Stage
from portal.sync.models import OutboundMessage, State
from tests.corridor import control
from tests.people import person


def open_kinds() -> list[str]:
    return sorted(ExceptionCase.objects.filter(is_open=True).values_list("kind", flat=True))


class TestAnExport:
    def test_begins_with_the_wave(self, erp):  # R105, R146
        waved, waiting = erp.place("1"), erp.place("2", wave=False)
        erp.run()
        before = (len(erp.at_hub(waved)), len(erp.at_hub(waiting)))
        control(erp.shop, "waves", numbers=[waiting])
        erp.run()

        assert before == (1, 0)
        assert len(erp.at_hub(waiting)) == 1

    def test_takes_only_what_every_filter_row_lets_through(self, erp):  # R112, R113, R146
        rows = (("tag", "contains", "web"), ("country", "equals", "US"), ("extra.OrderTypeName", "equals", "Retail"))
        FilterRow.objects.bulk_create(FilterRow(integration=erp.integration, field=field, operator=op, value=value) for field, op, value in rows)
        retail, trade = (erp.place(name, header={"OrderTypeName": name}) for name in ("Retail", "Trade"))
        erp.run()

        assert (len(erp.at_hub(retail)), len(erp.at_hub(trade))) == (1, 0)
        assert "OrderTypeName" in erp.known(trade).stage_note

    def test_arrives_under_the_mapped_store(self, erp):  # R117, R147
        number = erp.place()
        erp.run()
        [there] = erp.at_hub(number)

        assert there["channel"]["name"] == "Trade Orders"

    def test_from_a_store_without_a_mapping_waits_and_goes_when_it_has_one(self, erp):  # R117, E24
        number = erp.place(header={"SaleStoreName": "Wholesale US"})
        erp.run()
        before = (open_kinds(), len(erp.at_hub(number)))
        row = StoreMapping(integration=erp.integration, channel_code="Wholesale US", hub_code=str(erp.made["channels"]["Mirakl FR"]))
        changes.save(row, by=person("ada"), reason="new store")
        erp.send()

        assert before == (["E24"], 0)
        assert (open_kinds(), erp.at_hub(number)[0]["channel"]["name"]) == ([], "Mirakl FR")

    def test_of_a_voided_wave_is_taken_back(self, erp):
        number = erp.place()
        erp.run()
        control(erp.shop, "waves/void", waves=[erp.there(number)["waves"][0]["number"]])
        erp.run()

        assert erp.known(number).stage == Stage.CANCELLED
        assert erp.at_hub(number)[0]["status"] == "cancelled"

    @pytest.mark.parametrize("manner", ["refused", "empty", "html"])
    def test_believes_no_throttled_answer(self, erp, manner: str):
        number = erp.place()
        erp.run()
        control(erp.shop, "settings", throttle_as=[manner], burst=0.0001, rate_scale=0.000001)
        with pytest.raises((RateLimited, Unavailable)):
            erp.read_orders()
        control(erp.shop, "settings", rate_scale=0)
        later = erp.place("2")
        erp.run()

        assert (erp.known(number).stage, len(erp.at_hub(number)), len(erp.at_hub(later))) == (Stage.WITH_HUB, 1, 1)


class TestADeliveryMethod:
    def test_is_translated(self, erp):  # R116
        number = erp.place()
        erp.run()

        assert erp.at_hub(number)[0]["delivery_method"]["name"] == "Standard"

    def test_without_a_mapping_waits(self, erp):  # R116, E16
        number = erp.place(header={"ShipServiceName": "Next Day"})
        erp.run()
        before = (open_kinds(), len(erp.at_hub(number)))
        hub_code = str(erp.made["delivery_methods"]["International"])
        changes.save(ShipServiceMapping(integration=erp.integration, channel_code="Next Day", hub_code=hub_code), by=person("omar"), reason="new")
        erp.send()

        assert before == (["E16"], 0)
        assert (open_kinds(), len(erp.at_hub(number))) == ([], 1)

    def test_without_a_mapping_passes_where_the_rule_says_so(self, erp):  # R116, E16
        MissingRule.objects.create(integration=erp.integration, kind="ship_service", on_missing="pass")
        number = erp.place(header={"ShipServiceName": "Next Day"})
        erp.run()
        case = ExceptionCase.objects.get(kind="E16")
        hub_code = str(erp.made["delivery_methods"]["International"])
        changes.save(ShipServiceMapping(integration=erp.integration, channel_code="Next Day", hub_code=hub_code), by=person("omar"), reason="new")
        case.refresh_from_db()

        assert (len(erp.at_hub(number)), erp.known(number).stage, case.severity, case.is_open) == (1, Stage.WITH_HUB, 3, False)
        assert "Delivery method: Next Day." in str(erp.at_hub(number)[0]["employee_notes"])

    def test_that_is_missing_altogether_passes_too(self, erp):  # R116
        MissingRule.objects.create(integration=erp.integration, kind="ship_service", on_missing="pass")
        number = erp.place(header={"ShipServiceName": ""})
        erp.run()

        assert (len(erp.at_hub(number)), open_kinds()) == (1, [])


class TestACarrier:
    def test_is_told_in_the_warehouses_words(self, erp):  # R115
        number = erp.place()
        erp.run()

        assert "Carrier asked for: Royal Mail." in str(erp.at_hub(number)[0]["employee_notes"])

    def test_without_a_mapping_does_not_stop_the_order(self, erp):  # R115
        number = erp.place(header={"CarrierName": "FedEx"})
        erp.run()

        assert (len(erp.at_hub(number)), open_kinds()) == (1, [])

    def test_without_a_mapping_waits_where_the_rule_says_so(self, erp):  # R115, E16
        MissingRule.objects.create(integration=erp.integration, kind="carrier", on_missing="hold")
        number = erp.place(header={"CarrierName": "FedEx"})
        erp.run()

        assert (len(erp.at_hub(number)), open_kinds()) == (0, ["E16"])


class TestTheItemIdentifier:
    def order_under(self, erp, **settings: str) -> str:
        erp.change(**settings)
        number = erp.place()
        erp.run()
        return number

    def shipped_sku(self, erp, number: str) -> str:
        [there] = erp.at_hub(number)
        return str(there["line_items"][0]["sellable"]["sku_code"])

    def list_items(self, erp, **names: str) -> None:
        """What both catalogues list: the ERP's item, and the warehouse's item of another name."""
        CatalogueItem.objects.create(connection=erp.channel, reference="MUG-1", sku="MUG-1", barcode="081234600000")
        CatalogueItem.objects.create(connection=erp.hub, reference="v1", sku="TEE-1", barcode=names.get("barcode", ""))

    def test_barcode_sends_the_item_with_the_same_barcode(self, erp):  # R109
        self.list_items(erp, barcode="081234600000")
        number = self.order_under(erp, item_identifier="barcode")

        assert self.shipped_sku(erp, number) == "TEE-1"

    def test_item_number_sends_the_item_that_is_called_so(self, erp):  # R109
        erp.set_options(item_identifier="upc")
        CatalogueItem.objects.create(connection=erp.channel, reference="MUG-1", sku="081234600000", barcode="081234600000")
        CatalogueItem.objects.create(connection=erp.hub, reference="v1", sku="MUG-1")
        number = self.order_under(erp, item_identifier="item_number")

        assert SalesOrder.objects.get(number=number).lines.get().sku == "081234600000"
        assert self.shipped_sku(erp, number) == "MUG-1"

    def test_third_party_sku_sends_only_what_a_mapping_says(self, erp):  # R109
        number = self.order_under(erp, item_identifier="third_party_sku")
        before = (open_kinds(), len(erp.at_hub(number)))
        changes.save(SkuMapping(integration=erp.integration, channel_sku="MUG-1", hub_sku="CAP-1"), by=person("mira"), reason="theirs")
        erp.send()

        assert before == (["E11"], 0)
        assert self.shipped_sku(erp, number) == "CAP-1"

    def test_sku_never_uses_the_default_sku_on_an_order(self, erp):  # R114, D1
        erp.change(default_sku="", item_identifier="third_party_sku")
        number = erp.place()
        erp.read_orders()
        erp.change(mode=Mode.FETCH, default_sku="MISC")
        erp.send()

        assert erp.at_hub(number) == []


class TestAnExportQueuedEarlier:
    def test_refuses_once_the_mode_is_the_other(self, erp):  # R108
        number = erp.place()
        erp.read_orders()
        erp.change(mode=Mode.FETCH)
        erp.send()
        [message] = OutboundMessage.objects.filter(kind="create_order")

        assert (message.state, erp.at_hub(number)) == (State.PARKED, [])
        assert "does not export orders now" in message.note

    def test_does_not_bring_dispatches_back_while_it_exports(self, erp):  # R107, R108
        number = erp.place()
        erp.run()
        erp.ship(number)
        erp.fetch()

        assert not OutboundMessage.objects.filter(kind="confirm_shipment").exists()
        assert erp.there(number)["confirmations"] == []
