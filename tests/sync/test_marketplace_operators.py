"""Two operators with rules of their own before one warehouse: nothing of one is taken for the other's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from connectors.canonical import CodeKind
from connectors.sandbox import mirakl
from connectors.sandbox.kit import ADMIN, serve
from exceptions.models import ExceptionCase
from mappings.models import CarrierMapping, ShipServiceMapping, StoreMapping, WarehouseMapping
from portal.connections.connect import connect
from portal.connections.models import Connection, Integration
from portal.ledger.models import SalesOrder, Stage
from portal.sync.case_actions.decide_lines import RefuseForm
from tests.contract.mirakl_record import all_faults
from tests.corridor import CREDENTIALS, control
from tests.marketplace import OPTIONS, QUICK, SKUS, Marketplace

MAISON = mirakl.OPERATORS["Maison Claire"] | {"api_key": "mkl-maison", "shops": {77: "Notre boutique"}}
DPD = 4


@pytest.fixture(scope="module")
def second() -> Iterator:
    running = serve(mirakl.build(**MAISON, **QUICK))
    yield running
    running.stop()


class TwoOperators(Marketplace):
    """Harbour & Home takes single lines and shows the address on acceptance; Maison Claire neither, and gives three days."""

    def __init__(self, operators, second, monkeypatch) -> None:
        super().__init__(*operators)
        monkeypatch.setitem(CREDENTIALS, "mirakl", {"api_key": MAISON["api_key"]})
        self.other = second
        control(second, "seed-demo", skus=[{"sku": sku, "title": sku, "price": "12.00", "stock": 5} for sku in SKUS])
        rules = {"acceptance_hours": "72", "partial_acceptance": "false", "address_at": "shipping"}
        self.maison = self.connection("Maison Claire", "mirakl", second.url, account="77", options=OPTIONS | rules)
        joined = Integration.objects.create(name="Maison Claire to warehouse", channel=self.maison, hub=self.hub, enabled=True, number_prefix="MC-")
        scope = {"integration": joined}
        StoreMapping.objects.create(**scope, channel_code="FR", hub_code=str(self.made["channels"]["Trade Orders"]))
        ShipServiceMapping.objects.create(**scope, channel_code="STD", hub_code=str(self.made["delivery_methods"]["Standard"]))
        WarehouseMapping.objects.create(**scope, hub_code=str(self.made["warehouses"]["Leeds Main"]), channel_code="")
        CarrierMapping.objects.create(**scope, hub_carrier=str(DPD), hub_label="DPD", channel_code="DPDFR")
        self.map_carrier(str(DPD), "DPD", "DPD-UK")

    def place_at_both(self, **wish) -> tuple[str, str]:
        """An order at each; where nothing else is wished they have the same id."""
        [first] = self.place(commercial_id="W-1", **wish)
        [second] = control(self.other, "place", **{"lines": {"MUG-1": 2}, "commercial_id": "W-1", **wish})["order_ids"]
        return first, second

    def both_rounds(self) -> None:
        for _ in range(3):
            self.read_orders()
            self.read(self.maison, "orders")
            for connection in (self.hub, self.channel, self.maison):
                self.send(connection)
        self.read_warehouse()


@pytest.fixture
def two(db, operators, second, monkeypatch) -> Iterator[TwoOperators]:
    monkeypatch.setattr("connectors.mirakl.stock.pause", lambda seconds: None)
    made = TwoOperators(operators, second, monkeypatch)
    yield made
    assert all_faults([*made.calls(made.shop), *made.calls(second)]) == []


class TestTwoOperators:
    def test_may_use_the_same_order_number(self, two):  # R35, R49, R51
        first, second = two.place_at_both()
        two.both_rounds()

        assert first == second
        assert [len(two.at_warehouse(first, prefix=prefix)) for prefix in ("MK-", "MC-")] == [1, 1]
        assert set(SalesOrder.objects.values_list("stage", flat=True)) == {Stage.WITH_HUB}

    def test_have_windows_of_their_own(self, two):  # R53, D4
        two.place_at_both()
        two.read_orders()
        two.read(two.maison, "orders")

        windows = {order.connection.name: order.accept_by - order.placed_at for order in SalesOrder.objects.select_related("connection")}
        assert windows == {"Harbour & Home": timedelta(hours=24), "Maison Claire": timedelta(hours=72)}

    def test_get_each_the_carrier_code_of_their_own_list(self, two):  # R59, R61, R62
        first, second = two.place_at_both()
        two.both_rounds()
        for prefix, reference in (("MK-", first), ("MC-", second)):
            control(two.warehouse, "ship", numbers=[f"{prefix}{reference}"], carrier_id=DPD, tracking="D1")
        two.read_warehouse()
        two.both_rounds()

        carriers = [operator_summary["carriers"] for operator_summary in (two.summary(), summary_of(two.other))]
        assert carriers == [{"DPD-UK": 1}, {"DPDFR": 1}]

    def test_offer_to_refuse_a_line_only_where_that_is_allowed(self, two):  # D4, D5, E11
        two.read(two.hub, "catalogue")
        two.place_at_both(lines={"MUG-1": 1, "OLD-MUG": 1})
        two.both_rounds()

        offered = {found.integration.channel.name: len(RefuseForm(case=found).fields["line"].choices)
                   for found in ExceptionCase.objects.filter(kind="E11", is_open=True)}  # fmt: skip
        assert offered == {"Harbour & Home": 2, "Maison Claire": 1}

    def test_do_not_hold_each_other_up(self, two):  # R52, R54
        two.fault(two.shop, "down", times=None)
        [second] = control(two.other, "place", lines={"MUG-1": 2})["order_ids"]
        two.read(two.maison, "orders")
        for _ in range(2):
            two.send(two.maison)
            two.read(two.maison, "orders")
        two.send(two.hub)

        assert Connection.objects.get(pk=two.maison.pk).health == "ok"
        assert len(two.at_warehouse(second, prefix="MC-")) == 1

    def test_keep_their_lists_apart(self, two):  # R61
        codes = [{code.value for code in connect(connection).codes(CodeKind.CARRIER)} for connection in (two.channel, two.maison)]

        assert codes[0] & codes[1] == set()


def summary_of(running) -> dict:
    found: dict = requests.get(f"{running.url}{ADMIN}/summary", timeout=5).json()
    return found
