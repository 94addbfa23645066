"""Whatever happens on the Deposco simulator's floor: counts follow one another, and stock adds up."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from connectors.sandbox.deposco.models import SALES
from tests.sandbox.deposco_tenant import Tenant

SKUS = ("MUG-BLU", "CAP-RED", "APR-YEL", "APR-WHT")
ACTIONS = (
    "wave",
    "release",
    "pick",
    "pack",
    "ship",
    "short",
    "load",
    "roll-back",
    "cancel",
    "split",
    "hold",
    "unhold",
    "return",
    "edit",
    "api-cancel",
)


def act(tenant: Tenant, chance: random.Random, number: str) -> None:
    """One thing that people, the channel or the floor do to an order; much of it is refused, which is the point."""
    name = chance.choice(ACTIONS)
    units = {chance.choice(SKUS): chance.randint(1, 3)}
    if name == "edit":
        tenant.send(tenant.line(chance.randint(1, 3), sku=chance.choice(SKUS), packs=chance.randint(1, 6)), number=number)
    elif name == "api-cancel":
        row = {"orderLine": {"businessKey": {"lineNumber": "1"}}, "canceledPackQuantity": 1}
        tenant.rest("POST", f"{tenant.path(number)}/cancellations", json={"orderLines": [row]})
    elif name == "split":
        tenant.control(name, numbers=[number], over={chance.choice(("ATL1", "RNO2")): units})
    else:
        more = {"units": units} if chance.random() < 0.6 else {}
        tenant.control(name, numbers=[number], packages=chance.randint(1, 3), received=True, **more)
    if chance.random() < 0.2:
        tenant.control("stock", changes=[{"sku": chance.choice(SKUS), "facility": "ATL1", "delta": chance.randint(-3, 6)}])


@pytest.mark.parametrize("seed", range(6))
class TestSums:
    @pytest.fixture
    def tenant(self, seed) -> Tenant:
        tenant, chance = Tenant(), random.Random(seed)
        for at in range(1, 9):
            tenant.place(tenant.line(1, sku=chance.choice(SKUS), packs=chance.randint(1, 5)), number=f"WEB-{at}")
        for _ in range(150):
            act(tenant, chance, f"WEB-{chance.randint(1, 8)}")
        return tenant

    def test_of_each_part_follow_one_another(self, tenant):
        state = tenant.app.extensions["state"]
        lines = [line for order in state.orders.values() if order.type == SALES for line in order.lines]

        for line in lines:
            assert sum(part.packs for part in line.parts) == line.open
            for part in line.parts:
                assert 0 <= part.shipped <= part.packed <= part.picked <= part.released <= part.packs
                assert part.released <= part.shipped + part.allocated <= part.packs
                assert 0 <= part.loaded <= part.packed
        assert len(lines) >= 8

    def test_of_the_stock_rows_are_those_of_the_orders(self, tenant):
        state = tenant.app.extensions["state"]
        held, asked = Counter(), Counter()
        for order in state.orders.values():
            for line in order.lines:
                for part in line.parts:
                    held[line.item_id, part.facility] += part.allocated * line.size
                    asked[line.item_id, part.facility] += (part.packs - part.shipped - part.allocated) * line.size

        for item_id, levels in state.stock.items():
            for facility, level in levels.items():
                assert (level.allocated, level.demand) == (held[item_id, facility], asked[item_id, facility])
        assert state.orders

    def test_of_the_packages_are_those_of_the_lines(self, tenant):
        state = tenant.app.extensions["state"]
        sent = Counter()
        for shipment in state.shipments.values():
            for line_id in shipment.line_ids():
                sent[line_id] += shipment.packs(line_id, shipped=True)

        shipped = {line.id: line.sum("shipped") for order in state.orders.values() for line in order.lines}
        assert {id: packs for id, packs in shipped.items() if packs} == {id: packs for id, packs in sent.items() if packs}
