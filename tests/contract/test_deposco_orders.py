"""Holds the Deposco connector to what a warehouse hub promises, against the simulator: creating, finding, cancelling, lowering, releasing."""

from __future__ import annotations

import time

import pytest

from connectors.canonical import Address, HubState, ShipmentLine
from connectors.errors import AccessDenied, Conflict, OutcomeUnknown, RateLimited, Rejected
from tests.contract.deposco_tenant import DeposcoTenant, line, running, tenant

__all__ = ["running", "tenant"]
LEGACY = {"api": "legacy"}


class TestCreate:
    def test_makes_an_order_in_one_call(self, tenant: DeposcoTenant):
        done = tenant.deposco.create_order(tenant.order(note="Ring twice"))

        there = tenant.there()
        assert there is not None and (str(there["self"]["id"]), there["orderStatus"], done.warnings) == (done.reference, "New", ())
        assert (there["shipVendor"], there["shipVia"], there["notes"][0]["body"]) == ("UPS", "UPS Ground", "Ring twice")
        assert [call["path"] for call in tenant.calls("/orders")] == ["/latest/orders/salesOrders"]

    def test_writes_prices_net_of_tax_with_totals(self, tenant: DeposcoTenant):  # R46
        tenant.deposco.create_order(tenant.order(lines=(line("MUG-BLU", 3, "19.4583"),)))

        there = tenant.there()
        assert there is not None and there["orderLines"]["data"][0]["unitPrice"] == 19.4583
        assert (there["orderSubtotal"], there["orderShippingTotal"], there["orderTaxTotal"], there["orderTotal"]) == (58.37, 3.95, 10, 72.32)

    def test_leaves_out_prices_in_another_currency(self, tenant: DeposcoTenant):
        done = tenant.connect(currency="USD").create_order(tenant.order(currency="EUR"))

        there = tenant.there()
        assert there is not None and "orderTotal" not in there and "left out" in done.warnings[0]

    def test_keeps_the_channels_lines_apart(self, tenant: DeposcoTenant):
        lines = (line("MUG-RED", 1, channel_line="a"), line("MUG-RED", 3, channel_line="b"))
        done = tenant.deposco.create_order(tenant.order(lines=lines))

        assert [(each.quantity, each.order_line) for each in tenant.hub_order(done.reference).lines] == [(1, "1"), (3, "2")]

    @pytest.mark.parametrize("options", [{}, LEGACY])
    def test_refuses_a_sku_deposco_does_not_have(self, tenant: DeposcoTenant, options: dict):  # R47, R78
        with pytest.raises(Rejected) as caught:
            tenant.connect(**options).create_order(tenant.order(lines=(line("MUG-BLU", 1), line("NOPE", 1))))
        assert (caught.value.code, caught.value.fields, tenant.there()) == ("unknown_sku", ("NOPE",), None)

    def test_refuses_an_item_that_is_sold_by_the_case_only(self, tenant: DeposcoTenant):
        tenant.control("skus", skus=[{"sku": "CASE-1", "title": "Case", "price": 1, "stock": 5}])
        state_item = tenant.made["items"]["MUG-BLU"]
        with pytest.raises(Rejected) as caught:
            tenant.deposco.create_order(tenant.order(lines=(line("CASE-1", 1, item_reference=str(state_item)),)))
        assert caught.value.code == "unknown_pack" and tenant.there() is None

    def test_refuses_another_company_without_giving_up_the_connection(self, tenant: DeposcoTenant):
        with pytest.raises(Rejected):
            tenant.deposco.create_order(tenant.order(store_code="OTHER"))

    def test_shortens_what_deposco_would_refuse(self, tenant: DeposcoTenant):
        long = Address(first_name="A" * 31, last_name="Quill", line1="1 Test St", city="Austin", postcode="78701", country="US", company="Acme")
        done = tenant.deposco.create_order(tenant.order(shipping_address=long, email=f"{'a' * 50}@example.test"))

        there = tenant.there()
        assert there is not None and there["shipToContact"] == {"firstName": "A" * 30, "lastName": "Quill"}
        assert there["shipToAddress"]["line2"] == "Acme" and len(done.warnings) == 2

    def test_sends_a_long_order_in_parts_and_holds_it_meanwhile(self, tenant: DeposcoTenant):
        done = tenant.deposco.create_order(tenant.order(lines=tuple(line("MUG-BLU", 1, channel_line=str(at)) for at in range(230))))

        order = tenant.hub_order(done.reference)
        assert (len(order.lines), order.state, done.warnings) == (230, HubState.RECEIVED, ())
        assert len(tenant.calls("/orders/salesOrders", "POST")) == 4

    def test_forgets_a_long_order_that_was_sent_in_part(self, tenant: DeposcoTenant):  # R35
        order = tenant.order(lines=tuple(line("MUG-BLU", 1) for _ in range(130)))
        tenant.control("settings", busy_s=0.3)
        with pytest.raises(Conflict):
            tenant.deposco.create_order(order)
        tenant.control("settings", busy_s=0)
        time.sleep(0.3)

        assert tenant.deposco.find_orders("CT-1") == ()
        done = tenant.deposco.create_order(order)
        assert len(tenant.hub_order(done.reference).lines) == 130 and len(tenant.deposco.find_orders("CT-1")) == 1

    def test_finds_an_order_that_was_released_meanwhile(self, tenant: DeposcoTenant):
        first = tenant.deposco.create_order(tenant.order())
        tenant.floor("wave")

        again = tenant.deposco.create_order(tenant.order())

        assert (again.reference, again.found) == (first.reference, True) and "no more changes" in again.warnings[0]

    @pytest.mark.parametrize("fault", ["500", "502", "503", "504", "lost_before", "lost_after", "malformed", "html"])
    @pytest.mark.parametrize("options", [{}, LEGACY])
    def test_does_not_know_after_a_lost_or_broken_answer_and_finds_what_was_made(self, tenant: DeposcoTenant, fault: str, options: dict):  # R35, R41
        deposco = tenant.connect(**options)
        tenant.fault(fault, method="POST", path="/orders(/salesOrders)?$")

        with pytest.raises(OutcomeUnknown):
            deposco.create_order(tenant.order())
        assert len(deposco.find_orders("CT-1")) == (tenant.there() is not None)

    def test_has_done_nothing_when_it_was_too_fast(self, tenant: DeposcoTenant):
        tenant.deposco.verify()
        tenant.fault("429", method="POST", path="/orders")

        with pytest.raises(RateLimited) as caught:
            tenant.deposco.create_order(tenant.order())
        assert caught.value.retry_after_s is None and tenant.there() is None

    def test_asks_again_later_when_somebody_else_is_writing(self, tenant: DeposcoTenant):  # R69
        tenant.control("oddities", name="concurrent_update")

        with pytest.raises(Conflict):
            tenant.deposco.create_order(tenant.order())

    def test_renews_its_token_once(self, tenant: DeposcoTenant):
        tenant.deposco.create_order(tenant.order())
        tenant.control("clock", skew_s=7200)

        assert tenant.deposco.create_order(tenant.order("CT-2")).reference
        assert len(tenant.calls("/oauth2/token")) == 2


class TestTheLegacyImport:
    def test_says_found_for_a_duplicate(self, tenant: DeposcoTenant):  # R35
        deposco = tenant.connect(**LEGACY)
        first, again = deposco.create_order(tenant.order()), deposco.create_order(tenant.order())

        assert (first.reference, first.found, again.reference, again.found) == ("CT-1", False, "CT-1", True)
        assert len(tenant.deposco.find_orders("CT-1")) == 1

    @pytest.mark.parametrize("oddity", ["blank_200", "blank_after_write"])
    def test_does_not_know_after_an_empty_answer(self, tenant: DeposcoTenant, oddity: str):
        tenant.control("oddities", name=oddity)

        with pytest.raises(OutcomeUnknown):
            tenant.connect(**LEGACY).create_order(tenant.order())
        assert (tenant.there() is not None) == (oddity == "blank_after_write")

    def test_ships_like_the_other(self, tenant: DeposcoTenant):
        deposco = tenant.connect(**LEGACY)
        deposco.create_order(tenant.order())
        tenant.floor("ship", packages=2)

        order = tenant.hub_order("CT-1", deposco)
        (shipment,) = order.shipments
        assert (order.state, shipment.lines[0].quantity, [len(each.lines) for each in shipment.parcels]) == (HubState.SHIPPED, 2, [1, 1])

    def test_cancels_until_the_release(self, tenant: DeposcoTenant):
        deposco = tenant.connect(**LEGACY)
        for number in ("CT-1", "CT-2"):
            deposco.create_order(tenant.order(number))
        tenant.floor("wave", "CT-2")

        assert deposco.cancel_order("CT-1", reason="x").found is False and deposco.cancel_order("CT-1", reason="x").found is True
        with pytest.raises(Rejected):
            deposco.cancel_order("CT-2", reason="x")


class TestFind:
    def test_sees_exact_numbers_also_cancelled_ones(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order("CT-1")).reference
        tenant.deposco.create_order(tenant.order("CT-12"))
        tenant.floor("cancel")

        (found,) = tenant.deposco.find_orders("CT-1")
        assert (found.reference, found.found) == (reference, True) and "cancelled" in found.warnings[0]

    def test_looks_itself_where_the_number_is_ignored(self, tenant: DeposcoTenant):
        tenant.control("settings", ignored_filters=["salesOrders.number"])
        tenant.control("place", count=130, sku="CAP-BLU")
        done = tenant.deposco.create_order(tenant.order())

        assert [found.reference for found in tenant.deposco.find_orders("CT-1")] == [done.reference]
        assert tenant.deposco.find_orders("CT-404") == ()


class TestCancel:
    def test_cancels_once_and_in_one_call(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.forget_calls()

        first = tenant.deposco.cancel_order(reference, reason="Customer request")
        assert (first.found, len(tenant.calls("/orders"))) == (False, 1)
        assert tenant.deposco.cancel_order(reference, reason="again").found is True

    @pytest.mark.parametrize(("action", "code", "word"), [("wave", "locked", "on wave W000801"), ("ship", "shipped", "has shipped")])
    def test_is_refused_once_the_warehouse_works_on_it(self, tenant: DeposcoTenant, action: str, code: str, word: str):  # R44
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor(action)

        with pytest.raises(Rejected) as caught:
            tenant.deposco.cancel_order(reference, reason="Late")
        assert caught.value.code == code and word in caught.value.sentence

    @pytest.mark.parametrize("fault", ["lost_after", "html", "malformed"])
    def test_looks_when_the_answer_was_lost(self, tenant: DeposcoTenant, fault: str):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.fault(fault, method="POST")

        assert tenant.deposco.cancel_order(reference, reason="x").reference == reference

    def test_does_not_know_when_nothing_shows(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.fault("500", method="POST")

        with pytest.raises(OutcomeUnknown):
            tenant.deposco.cancel_order(reference, reason="x")

    @pytest.mark.parametrize("reference", ["999999", "no-id"])
    def test_refuses_what_it_does_not_know(self, tenant: DeposcoTenant, reference: str):
        with pytest.raises(Rejected) as caught:
            tenant.deposco.cancel_order(reference, reason="x")
        assert caught.value.code == "unknown_order"


class TestLower:
    def test_cancels_down_to_the_target_once(self, tenant: DeposcoTenant):  # R44
        reference = tenant.deposco.create_order(tenant.order(lines=(line("MUG-BLU", 5), line("CAP-BLU", 1)))).reference
        wanted = (ShipmentLine("MUG-BLU", 2), ShipmentLine("CAP-BLU", 1))

        first, again = (tenant.deposco.lower_order(reference, wanted=wanted) for _ in range(2))

        assert (first.found, again.found) == (False, True)
        assert {each.sku: each.quantity for each in tenant.hub_order(reference).lines} == {"MUG-BLU": 2, "CAP-BLU": 1}

    def test_is_refused_after_the_release(self, tenant: DeposcoTenant):  # R45
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("wave")

        with pytest.raises(Rejected) as caught:
            tenant.deposco.lower_order(reference, wanted=(ShipmentLine("MUG-BLU", 1),))
        assert caught.value.code == "locked"


class TestRelease:
    @pytest.mark.parametrize("options", [{}, LEGACY])
    def test_lets_a_held_order_go_once(self, tenant: DeposcoTenant, options: dict):  # R38
        deposco = tenant.connect(**options)
        reference = deposco.create_order(tenant.order(on_hold=True)).reference
        assert tenant.hub_order(reference, deposco).state is HubState.ON_HOLD

        first, again = (deposco.release_order(reference, payment_reference="PAY-1") for _ in range(2))

        assert (first.found, again.found, tenant.hub_order(reference, deposco).state) == (False, True, HubState.RECEIVED)

    def test_leaves_an_order_on_its_wave(self, tenant: DeposcoTenant):
        reference = tenant.deposco.create_order(tenant.order()).reference
        tenant.floor("wave", release=False)

        tenant.deposco.release_order(reference, payment_reference="")
        assert tenant.hub_order(reference).vendor_state == "Wave Built"


class TestAccess:
    @pytest.mark.parametrize(
        "wrong", [{"client_secret": "wrong"}, {"client_id": "wrong"}, {"legacy_password": "wrong"}, {"legacy_user": ""}, {"client_id": ""}]
    )
    def test_is_refused_with_either_wrong_credential(self, tenant: DeposcoTenant, wrong: dict):
        with pytest.raises(AccessDenied):
            tenant.connect(credentials=wrong).verify()

    def test_leaves_no_secret_in_the_evidence(self, tenant: DeposcoTenant):
        tenant.deposco.verify()

        kept = str(tenant.deposco.take_exchanges())
        assert "secret" not in kept.replace("client_secret", "") and "eyJ." not in kept and tenant.deposco.take_exchanges() == []

    def test_survives_a_refresh_token_that_is_replaced_each_time(self, tenant: DeposcoTenant):
        tenant.control("settings", rotate_refresh=True)
        deposco = tenant.connect(credentials={"refresh_token": "RT-sandbox"})
        for skew in (0, 7200, 14400):
            tenant.control("clock", skew_s=skew)
            assert deposco.find_orders("CT-1") == ()

    def test_does_without_the_scopes_of_extras(self, tenant: DeposcoTenant):
        tenant.control("settings", scopes=["salesOrders/read", "salesOrders/write", "outboundShipments/read", "items/read"])

        found = tenant.deposco.verify()
        assert len([warning for warning in found.warnings if "returns" in warning or "facilities" in warning]) == 2

    @pytest.mark.parametrize(
        ("path", "options"), [("", {}), ("/beta", {}), ("/latest/", {"legacy_url": "{url}"}), ("/latest", {"legacy_url": "{url}/integration/ACME"})]
    )
    def test_finds_both_apis(self, tenant: DeposcoTenant, path: str, options: dict):
        told = {name: value.format(url=tenant.url) for name, value in options.items()}

        assert tenant.connect(path=path, **told).verify().facts["facilities"] == "ATL1, RNO2"

    def test_tells_what_is_ignored(self, tenant: DeposcoTenant):
        tenant.control("settings", ignored_filters=["salesOrders.updatedAfter"])
        tenant.deposco.create_order(tenant.order())

        assert any("date filter on orders" in warning for warning in tenant.connect(facilities="ATL9").verify().warnings)
        assert any("ATL9" in warning for warning in tenant.connect(facilities="ATL9").verify().warnings)
