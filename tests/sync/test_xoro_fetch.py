"""Dispatches from the warehouse back to the ERP: order and wave, in parts or at once, in the ERP's words, with or without a Default SKU."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from exceptions.models import CaseItem, ExceptionCase
from mappings import changes
from mappings.models import CarrierMapping, MissingRule, ShipServiceMapping, SkuMapping
from portal.connections.models import Mode
from portal.ledger.models import CatalogueItem, Expectation, Shipment, ShipmentLine, Stage
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.operations import executing
from portal.sync.operations.selection import Criteria
from portal.sync.operations.starting import start
from portal.sync.run_models import Process
from tests.corridor import control
from tests.people import person


def open_kinds() -> list[str]:
    """But for E32: when the clock of a test jumps, every feed has been silent."""
    return sorted(ExceptionCase.objects.filter(is_open=True).exclude(kind="E32").values_list("kind", flat=True))


def confirmed(erp, number: str) -> list[dict]:
    """What the ERP was told, each as units, tracking and whether it was final."""
    found: list[dict] = erp.there(number)["confirmations"]
    return found


def units_of(confirmation: dict) -> dict[str, int]:
    whole: dict[str, int] = {}
    for package in confirmation["packages"]:
        for sku, units in package["units"].items():
            whole[sku] = whole.get(sku, 0) + units
    return whole


class TestAFullShipment:
    def test_updates_order_and_wave(self, erp):  # R106, R148
        number = erp.exported()
        erp.ship(number, tracking="RM1")
        erp.fetch()
        [told] = confirmed(erp, number)

        assert (erp.there(number)["status"], erp.there(number)["waves"][0]["status"]) == ("Shipped", "Shipped")
        assert (units_of(told), told["tracking"], told["carrier"]) == ({"MUG-1": 2}, ["RM1"], "UPS")
        assert erp.known(number).stage == Stage.DONE

    def test_comes_back_through_another_profile_of_the_same_accounts(self, erp):  # R106, R107, D12
        number = erp.place()
        erp.run()
        fetches = erp.fetching_profile()
        erp.ship(number)
        erp.fetch()

        assert erp.there(number)["status"] == "Shipped"
        assert OutboundMessage.objects.get(kind="confirm_shipment").integration == fetches

    def test_of_an_order_that_came_to_the_warehouse_elsewhere_is_told(self, erp):  # R106, R108
        erp.change(mode=Mode.FETCH, number_prefix="")
        number = erp.place("77")
        erp.run()
        erp.create_at_hub("#77", {"MUG-1": 2})
        erp.read_warehouse()
        before = erp.known(number).stage
        control(erp.warehouse, "ship", numbers=["#77"], carrier_id=1)
        erp.fetch()

        assert (before, erp.at_hub(number)) == (Stage.WITH_HUB, [])
        assert (erp.there(number)["status"], erp.known(number).stage) == ("Shipped", Stage.DONE)

    def test_the_erp_does_not_take_is_overdue_by_the_clock(self, erp):  # E18
        number = erp.exported()
        erp.ship(number)
        control(erp.shop, "oddities", name="blank_after_write", times=None)
        erp.fetch()
        erp.later(hours=2)
        late = open_kinds()
        requests_left = confirmed(erp, number)
        control(erp.shop, "oddities", name="blank_after_write", times=0)
        erp.send(at=timezone.now() + timedelta(hours=3))

        assert "E18" in late and len(requests_left) == 1
        assert (open_kinds(), len(confirmed(erp, number))) == ([], 1)


class TestMultishipment:
    def part(self, erp, number: str) -> None:
        erp.ship(number, units={"MUG-1": 1}, tracking="RM1")
        erp.fetch()

    def test_on_keeps_lines_open_until_all_has_shipped(self, erp):  # R111, R148
        number = erp.exported(lines={"MUG-1": 3, "CAP-1": 1})
        self.part(erp, number)
        part = erp.there(number)
        erp.ship(number, tracking="RM2")
        erp.fetch()

        assert (part["status"], part["waves"][0]["status"], part["confirmations"][0]["final"]) == ("Partially Shipped", "Released", False)
        assert [units_of(one) for one in confirmed(erp, number)] == [{"MUG-1": 1}, {"MUG-1": 2, "CAP-1": 1}]
        assert (erp.there(number)["status"], erp.known(number).stage) == ("Shipped", Stage.DONE)

    def test_disabled_makes_the_first_confirmation_final(self, erp):  # R110
        number = erp.exported(lines={"MUG-1": 3, "CAP-1": 1})
        erp.change(disable_multishipment=True)
        self.part(erp, number)
        erp.read_warehouse()
        there = erp.there(number)

        assert (there["confirmations"][0]["final"], there["waves"][0]["status"]) == (True, "Closed")
        assert [line["allocated"] for line in there["lines"]] == [0, 0]
        assert (erp.known(number).stage, open_kinds()) == (Stage.DONE, [])
        assert "3 units that had not shipped were let go" in erp.known(number).stage_note
        assert not Expectation.objects.filter(subject=f"order:{erp.known(number).pk}", kind="shipped", met_at=None, dropped_at=None).exists()

    def test_disabled_takes_everything_along_that_has_left(self, erp):  # R110
        number = erp.exported(lines={"MUG-1": 3})
        erp.change(disable_multishipment=True)
        erp.ship(number, units={"MUG-1": 1}, tracking="RM1")
        erp.ship(number, units={"MUG-1": 1}, tracking="RM2")
        erp.fetch()
        [told] = confirmed(erp, number)

        assert (units_of(told), sorted(told["tracking"])) == ({"MUG-1": 2}, ["RM1", "RM2"])
        assert Shipment.objects.filter(shown_at=None).count() == 0

    def test_disabled_makes_a_later_dispatch_a_case(self, erp):  # R110, E19
        number = erp.exported(lines={"MUG-1": 3})
        erp.change(disable_multishipment=True)
        self.part(erp, number)
        erp.ship(number, tracking="RM2")
        erp.fetch()
        case = ExceptionCase.objects.get(is_open=True)

        assert len(confirmed(erp, number)) == 1
        assert (case.kind, "2 more units of order" in case.cause) == ("E19", True)

    def test_on_makes_a_part_that_stays_a_case(self, erp):  # E19
        number = erp.exported(lines={"MUG-1": 3})
        self.part(erp, number)
        erp.later(days=5)
        before = open_kinds()
        erp.ship(number)
        erp.fetch()

        assert (before, open_kinds()) == (["E19"], [])

    def test_is_read_at_each_confirmation(self, erp):  # R130
        first, second = erp.exported(lines={"MUG-1": 3}), ""
        self.part(erp, first)
        erp.change(mode=Mode.EXPORT)
        second = erp.exported(ref="2", lines={"MUG-1": 3})
        erp.change(disable_multishipment=True)
        self.part(erp, second)

        assert [confirmed(erp, number)[0]["final"] for number in (first, second)] == [False, True]


class TestNames:
    def shipped(self, erp, **wish) -> str:
        number = erp.exported()
        erp.ship(number, **wish)
        erp.fetch()
        return str(number)

    def test_of_carriers_are_the_erps(self, erp):  # R115
        number = self.shipped(erp)

        assert confirmed(erp, number)[0]["carrier"] == "UPS"

    def test_of_carriers_without_a_mapping_wait(self, erp):  # R115, E16
        number = self.shipped(erp, carrier_id=4)
        before = (open_kinds(), len(confirmed(erp, number)))
        changes.save(CarrierMapping(integration=erp.integration, hub_carrier="4", channel_code="DHL"), by=person("omar"), reason="new")
        erp.send()

        assert before == (["E16"], 0)
        assert (open_kinds(), confirmed(erp, number)[0]["carrier"]) == ([], "DHL")

    def test_of_carriers_without_a_mapping_pass_where_the_rule_says_so(self, erp):  # R115, E16
        MissingRule.objects.create(integration=erp.integration, kind="carrier", on_missing="pass")
        number = self.shipped(erp, carrier_id=9)

        assert confirmed(erp, number)[0]["carrier"] == "DHL"
        assert ExceptionCase.objects.get(kind="E16").severity == 3

    def test_of_services_are_the_erps(self, erp):  # R116
        number = erp.exported()
        erp.ship(number)
        erp.read_warehouse()
        there = Shipment.objects.get()
        Shipment.objects.update(service_code="Express")
        ShipServiceMapping.objects.create(integration=erp.integration, channel_code="2nd Day Air", hub_code="999", hub_label="Express")
        erp.send()

        assert there.service_code != "2nd Day Air"
        assert confirmed(erp, number)[0]["service"] == "2nd Day Air"

    def test_of_services_without_a_mapping_pass(self, erp):  # R116
        number = erp.exported()
        erp.ship(number)
        erp.read_warehouse()
        Shipment.objects.update(service_code="Unheard of")
        erp.send()

        assert (confirmed(erp, number)[0]["service"], open_kinds()) == ("Unheard of", [])

    def test_of_services_without_a_mapping_wait_where_the_rule_says_so(self, erp):  # R116, E16
        MissingRule.objects.create(integration=erp.integration, kind="ship_service", on_missing="hold")
        number = erp.exported()
        erp.ship(number)
        erp.read_warehouse()
        Shipment.objects.update(service_code="Unheard of")
        erp.send()

        assert (confirmed(erp, number), open_kinds()) == ([], ["E16"])


class TestTheItemIdentifier:
    def test_finds_the_erps_item_of_what_was_shipped(self, erp):  # R109
        CatalogueItem.objects.create(connection=erp.channel, reference="MUG-1", sku="MUG-1", barcode="081234600000")
        CatalogueItem.objects.create(connection=erp.hub, reference="v1", sku="TEE-1", barcode="081234600000")
        erp.change(item_identifier="barcode")
        number = erp.exported()
        erp.ship(number)
        erp.fetch()

        assert {line.sku for line in ShipmentLine.objects.all()} == {"TEE-1"}
        assert units_of(confirmed(erp, number)[0]) == {"MUG-1": 2}


class TestTheDefaultSku:
    """R114, D1: on fulfilment import alone, visible, and counted with its value."""

    def shipped_strange(self, erp, *, default: str, sku: str = "STRANGE") -> str:
        number = str(erp.exported(lines={"MUG-1": 1, "MISC": 2}))
        erp.change(default_sku=default)
        erp.ship(number)
        erp.read_warehouse()
        ShipmentLine.objects.filter(sku="MISC").update(sku=sku)
        erp.send()
        return number

    @pytest.mark.parametrize("sku", ["STRANGE", ""])
    def test_stands_in_for_what_nobody_knows(self, erp, sku: str):  # R114, E33
        number = self.shipped_strange(erp, default="MISC", sku=sku)
        case = ExceptionCase.objects.get(is_open=True)
        item = CaseItem.objects.get(case=case)

        assert units_of(confirmed(erp, number)[0]) == {"MUG-1": 1, "MISC": 2}
        assert (case.kind, case.severity, case.integration) == ("E33", 4, erp.integration)
        assert (item.value, item.units) == (Decimal(20), 2)

    def test_is_not_used_while_it_is_off(self, erp):  # R114, D1
        number = self.shipped_strange(erp, default="")

        assert (confirmed(erp, number), open_kinds()) == ([], ["E11"])

    def test_gives_way_to_a_mapping(self, erp):  # R114, E33
        self.shipped_strange(erp, default="MISC")
        changes.save(SkuMapping(integration=erp.integration, channel_sku="MISC", hub_sku="STRANGE"), by=person("mira"), reason="the same")

        assert open_kinds() == []

    def test_that_the_order_does_not_have_stands_in_for_nothing(self, erp):  # R114
        number = self.shipped_strange(erp, default="CAP-1")

        assert (confirmed(erp, number), open_kinds()) == ([], ["E11"])
        assert "nor one for the Default SKU CAP-1" in ExceptionCase.objects.get(is_open=True).cause

    def test_used_often_in_one_day_is_worse(self, erp, monkeypatch):  # E33
        monkeypatch.setattr("portal.sync.let_through.MANY_A_DAY", 0)
        self.shipped_strange(erp, default="MISC")

        assert ExceptionCase.objects.get(kind="E33").severity == 3
        assert DeliveryAttempt.objects.filter(mapping_uses__contains=[{"how": "default", "value": "MISC"}]).count() == 1


class TestARun:
    def run(self, erp, integration, **criteria) -> object:
        made = start(integration, Process.FETCH, Criteria(**criteria), by=person("omar"))
        executing.execute(made.pk)
        erp.send()
        executing.settle(made.pk, at=timezone.now())
        made.refresh_from_db()
        return made

    def test_brings_back_what_left_while_orders_were_exported(self, erp):  # R106, R132, R142
        number = erp.place()
        erp.run()
        erp.ship(number)
        erp.fetch()
        before = confirmed(erp, number)
        made = self.run(erp, erp.change(mode=Mode.FETCH))

        assert (before, made.number, len(confirmed(erp, number))) == ([], 1, 1)

    def test_of_the_profile_that_fetches_finds_what_another_exported(self, erp):  # R106, D12
        number = erp.place()
        erp.run()
        erp.ship(number)
        erp.read_warehouse()
        made = self.run(erp, erp.fetching_profile())

        assert (made.number, len(confirmed(erp, number))) == (1, 1)

    def test_that_was_queued_for_the_other_mode_refuses(self, erp):  # R108
        number = erp.exported()
        erp.ship(number)
        erp.read_warehouse()
        erp.change(mode=Mode.EXPORT)
        erp.send()
        [message] = OutboundMessage.objects.filter(kind="confirm_shipment")

        assert (message.state, confirmed(erp, number)) == (State.PARKED, [])
        assert "does not fetch fulfilments now" in message.note
