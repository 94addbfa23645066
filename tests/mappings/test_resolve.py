"""Tests of mappings.resolve."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.canonical import CodeKind
from mappings.errors import UnmappedCode
from mappings.models import CarrierMapping, MissingRule, ShipServiceMapping, StoreMapping, WarehouseMapping
from mappings.resolve import to_channel, to_hub
from tests.mappings.conftest import NOON

SERVICE, CARRIER, STORE, WAREHOUSE = CodeKind.SHIP_SERVICE, CodeKind.CARRIER, CodeKind.STORE, CodeKind.WAREHOUSE


class TestToHub:
    def test_answers_with_the_row_and_its_version(self, integration):  # R116, A10
        row = ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="77", hub_label="Next day")
        row.note = "checked"
        row.save()
        answer = to_hub(SERVICE, "express", integration=integration, at=NOON)
        assert (answer.value, answer.label, answer.how, answer.mapping_id) == ("77", "Next day", "mapping", row.pk)
        assert answer.history_id == row.history.first().history_id

    def test_prefers_the_row_of_the_store(self, integration):  # R117
        ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="all")
        ShipServiceMapping.objects.create(integration=integration, store="uk", channel_code="express", hub_code="uk")
        answers = {store: to_hub(SERVICE, "express", integration=integration, store=store, at=NOON).value for store in ("uk", "de", "")}
        assert answers == {"uk": "uk", "de": "all", "": "all"}

    @pytest.mark.parametrize("asked", ["Express", "express ", "0express"])
    def test_normalises_nothing(self, integration, asked):
        ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="77")
        with pytest.raises(UnmappedCode):
            to_hub(SERVICE, asked, integration=integration, at=NOON)

    def test_obeys_the_dates(self, integration):  # A10
        ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="old", effective_to=NOON)
        ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="new", effective_from=NOON)
        before, then = NOON - timedelta(seconds=1), NOON
        assert [to_hub(SERVICE, "express", integration=integration, at=at).value for at in (before, then)] == ["old", "new"]

    def test_takes_one_query(self, integration, django_assert_num_queries):
        StoreMapping.objects.create(integration=integration, channel_code="", hub_code="9")
        with django_assert_num_queries(1):
            assert to_hub(STORE, "", integration=integration, at=NOON).value == "9"

    def test_translates_a_carrier_back(self, integration):  # R115
        CarrierMapping.objects.create(integration=integration, hub_carrier="4", channel_code="dpd-uk")
        assert to_hub(CARRIER, "dpd-uk", integration=integration, at=NOON).value == "4"


class TestToChannel:
    def test_chooses_the_most_exact_carrier(self, integration):  # R59, D11
        rows = [("4", "", "", "dpd"), ("4", "Next day", "", "dpd-next"), ("4", "Next day", "JD*", "dpd-jd"), ("4", "", "15??", "dpd-15")]
        for carrier, service, pattern, code in rows:
            CarrierMapping.objects.create(
                integration=integration, hub_carrier=carrier, hub_service=service, tracking_pattern=pattern, channel_code=code
            )
        asked = [("", ""), ("Next day", "X"), ("Next day", "JD99"), ("Saver", "1599"), ("Saver", "15999")]
        answers = [to_channel(CARRIER, "4", integration=integration, service=service, tracking=number, at=NOON).value for service, number in asked]
        assert answers == ["dpd", "dpd-next", "dpd-jd", "dpd-15", "dpd"]

    def test_reads_brackets_in_a_pattern_as_brackets(self, integration):
        CarrierMapping.objects.create(integration=integration, hub_carrier="4", tracking_pattern="[A]*", channel_code="x")
        with pytest.raises(UnmappedCode):
            to_channel(CARRIER, "4", integration=integration, tracking="A1", at=NOON)

    def test_asks_about_each_service_of_a_catch_all(self, integration):  # D11
        keys = set()
        for service in ("Evri 24", "Yodel 48"):
            with pytest.raises(UnmappedCode) as caught:
                to_channel(CARRIER, "3", integration=integration, service=service, at=NOON)
            keys.add(caught.value.key)
        assert len(keys) == 2

    def test_knows_the_one_global_stock(self, integration):  # R19
        WarehouseMapping.objects.create(integration=integration, hub_code="7", channel_code="")
        assert to_channel(WAREHOUSE, "7", integration=integration, at=NOON).value == ""

    def test_never_guesses_the_way_back(self, integration):
        for code in ("express", "next-day"):
            ShipServiceMapping.objects.create(integration=integration, channel_code=code, hub_code="77")
        with pytest.raises(UnmappedCode, match="more than once") as caught:
            to_channel(SERVICE, "77", integration=integration, at=NOON)
        ShipServiceMapping.objects.filter(channel_code="express").update(way_back=True)
        assert caught.value.reason == "ambiguous"
        assert to_channel(SERVICE, "77", integration=integration, at=NOON).value == "express"


class TestUnmappedCode:
    def caught(self, integration, **asked) -> UnmappedCode:
        with pytest.raises(UnmappedCode) as caught:
            to_hub(SERVICE, asked.pop("value", "express"), integration=integration, at=NOON, **asked)
        return caught.value

    def test_names_the_code_and_the_page(self, integration):  # R60, R154
        sentence = str(self.caught(integration, store="uk", label="Express delivery"))
        assert sentence == (
            "Ship service “express” (Express delivery), store “uk”: it has no counterpart in Veeqo UK. "
            "Map it under Mappings, Ship services; what waits for it then goes by itself."
        )

    def test_has_a_key_for_all_who_wait(self, integration):
        assert self.caught(integration, store="uk").key == f"ship_service:{integration.pk}:to_hub:uk:express"

    def test_keeps_keys_apart(self, integration):
        pairs = [("a:b", "c"), ("a", "b:c"), ("a%3Ab", "c"), ("", "a:b:c")]
        assert len({self.caught(integration, store=store, value=value).key for store, value in pairs}) == len(pairs)

    def test_keeps_long_keys_short_and_apart(self, integration):
        keys = {self.caught(integration, store="s" * 120, value="v" * 199 + last).key for last in "ab"}
        assert len(keys) == 2
        assert max(map(len, keys)) <= 300

    def test_says_what_the_message_does(self, integration):
        holding = self.caught(integration).on_missing
        MissingRule.objects.create(integration=integration, kind="ship_service", on_missing="fail")
        assert (holding, self.caught(integration).on_missing) == ("hold", "fail")
