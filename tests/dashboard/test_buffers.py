"""The buffers as a list, the form that shows what it changes first, and who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.ledger.models import Buffer, StockReplan
from tests.dashboard.conftest import As, text
from tests.dashboard.world import World

URL, ADD, PEAK = "/stock/buffers/", "/stock/buffers/add/", "/stock/buffers/add/?peak=1"
HOUR = timedelta(hours=1)


@pytest.fixture
def stocked(world: World) -> World:
    """Three SKUs, ten units each, on the channel."""
    for sku in ("MUG-1", "MUG-2", "TEE-1"):
        world.level(sku, 10)
        world.publication(sku, 10, confirmed=10)
    return world


def typed(world: World, **values: Any) -> dict[str, Any]:
    return {"integrations": [world.integration.pk], "scope": "list", "skus": "MUG-1", "units": "4", "reason": "flash sale", **values}


def moment(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def kept(world: World, **more: Any) -> Buffer:
    return Buffer.objects.create(integration=world.integration, **{"pattern": "MUG-*", "units": 4, "reason": "sells fast", **more})


class TestTheList:
    def test_is_closed_to_somebody_without_a_role(self, db: None, as_: As) -> None:
        assert as_("nell").get(URL).status_code == 403

    def test_tells_what_is_on_planned_and_over(self, world: World, as_: As) -> None:  # R26
        now = timezone.now()
        kept(world, ends_at=now - HOUR)
        kept(world, starts_at=now + HOUR)
        kept(world, interval_s=30, ends_at=now + HOUR)
        lines = as_("omar").get(URL).context["lines"]

        assert [(line.state, line.is_peak) for line in lines] == [("on", True), ("planned", False), ("over", False)]

    def test_tells_what_each_keeps_back_now(self, world: World, as_: As) -> None:  # R12
        row = kept(world)
        for sku in ("MUG-1", "MUG-2"):
            world.publication(sku, 6, withheld=4, buffer=row)
        page = text(as_("cora").get(URL))

        assert "8 of 2 SKUs" in page

    @pytest.mark.parametrize(("username", "may"), [("omar", True), ("mira", True), ("ada", True), ("cora", False), ("finn", False), ("aldo", False)])
    def test_offers_changes_to_those_who_may(self, world: World, as_: As, username: str, may: bool) -> None:
        kept(world)
        page = as_(username).get(URL).content.decode()

        assert (ADD in page, "You cannot change stock buffers" in page) == (may, not may)

    def test_is_linked_from_the_stock_page(self, world: World, as_: As) -> None:
        assert URL in as_("mira").get("/stock/").content.decode()


class TestANewBuffer:
    def test_shows_what_it_changes_before_it_is_saved(self, stocked: World, as_: As) -> None:  # R10
        response = as_("omar").post(ADD, typed(stocked, scope="class", pattern="MUG-*", look="1"))

        assert "0 units Kept back then 8 units ( 8 more ) Levels that change 2" in text(response)
        assert not Buffer.objects.exists()

    def test_is_saved_as_it_was_shown(self, stocked: World, as_: As) -> None:  # R10
        client, values = as_("omar"), typed(stocked)
        seen = client.post(ADD, values).context["form"].seal
        response = client.post(ADD, {**values, "seen": seen, "save": "1"}, follow=True)

        assert "Saved for MUG-1. The channels follow within a minute or two." in text(response)
        assert StockReplan.objects.get().pattern == "MUG-1"
        assert AuditEvent.objects.get(action="buffer.added").reason == "flash sale"

    def test_is_shown_again_when_something_else_is_saved(self, stocked: World, as_: As) -> None:
        client, values = as_("omar"), typed(stocked)
        seen = client.post(ADD, values).context["form"].seal
        response = client.post(ADD, {**values, "units": "9", "seen": seen, "save": "1"})

        assert "9 units" in text(response) and not Buffer.objects.exists()

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"integrations": []}, "Choose at least one channel."),
            ({"skus": ""}, "Paste at least one SKU."),
            ({"skus": "MUG-1, mug-2"}, "The warehouse has no mug-2. Capitals and leading zeros are differences."),
            ({"scope": "class"}, "Type a pattern such as SHOE-*."),
            ({"scope": "class", "pattern": "MUG-9"}, "The warehouse has no MUG-9."),
            ({"units": "-1"}, "A buffer cannot be less than 0."),
            ({"units": "many"}, "Type a whole number, for example 5."),
            ({"units": ""}, "Say how many units to keep back, how often to read and publish, or both."),
            ({"interval_s": "30"}, "A faster pace needs an end, so that it goes back by itself."),
            ({"ends_at": "2020-01-01T10:00"}, "Choose a later end."),
            ({"starts_at": "tomorrow"}, "Choose a day and a time."),
            ({"reason": ""}, "Say why, so that the next shift knows."),
        ],
    )
    def test_is_refused_with_a_sentence(self, stocked: World, as_: As, values: dict[str, Any], sentence: str) -> None:
        response = as_("mira").post(ADD, typed(stocked, **values))

        assert sentence in text(response)
        assert not Buffer.objects.exists()

    def test_is_refused_beside_another_of_the_same_sku(self, stocked: World, as_: As) -> None:  # R26
        kept(stocked, pattern="MUG-1")

        assert "MUG-1 has a buffer of 4 already, until somebody ends it." in text(as_("omar").post(ADD, typed(stocked)))

    @pytest.mark.parametrize("username", ["cora", "finn", "aldo", "nell"])
    def test_is_not_for_everybody(self, stocked: World, as_: As, username: str) -> None:
        assert as_(username).post(ADD, typed(stocked)).status_code == 403

    def test_of_peak_mode_takes_a_pasted_list(self, stocked: World, as_: As) -> None:  # R26
        now = timezone.now()
        period = {"starts_at": moment(now + HOUR), "ends_at": moment(now + 2 * HOUR)}
        values = typed(stocked, skus="MUG-1\r\nTEE-1\r\nMUG-1\r\n", interval_s="30", **period)
        client = as_("omar")
        seen = client.post(PEAK, values).context["form"].seal
        response = client.post(PEAK, {**values, "seen": seen, "save": "1"}, follow=True)

        assert "It begins by itself at its time" in text(response)
        row = Buffer.objects.get()
        assert (row.skus, row.units, row.interval_s) == (["MUG-1", "TEE-1"], 4, 30)
        assert sorted(StockReplan.objects.values_list("due_at", flat=True)) == [row.starts_at, row.ends_at]

    def test_of_peak_mode_begins_with_a_period(self, stocked: World, as_: As) -> None:  # R26
        page = as_("omar").get(PEAK).content.decode()

        assert 'name="interval_s" value="30"' in page


class TestABuffer:
    def test_is_changed_after_a_look(self, stocked: World, as_: As) -> None:  # R10
        row, client = kept(stocked), as_("mira")
        values = {"units": "2", "reason": "too much"}
        shown = client.post(f"{URL}{row.pk}/change/", values)
        client.post(f"{URL}{row.pk}/change/", {**values, "seen": shown.context["form"].seal, "save": "1"})
        row.refresh_from_db()

        assert "4 units ( 4 fewer )" in text(shown) and "Customers could buy more than now" in text(shown)
        assert row.units == 2

    def test_is_ended_with_a_reason(self, stocked: World, as_: As) -> None:  # R26
        row, client = kept(stocked), as_("omar")
        refused = text(client.post(f"{URL}{row.pk}/end/", {}))
        client.post(f"{URL}{row.pk}/end/", {"reason": "sale is over"})
        row.refresh_from_db()

        assert "Say why" in refused
        assert row.ends_at is not None and StockReplan.objects.get().pattern == "MUG-*"

    def test_tells_who_did_what(self, stocked: World, as_: As) -> None:
        row = kept(stocked)
        as_("omar").post(f"{URL}{row.pk}/end/", {"reason": "sale is over"})

        assert "Omar: ended. “sale is over”" in text(as_("aldo").get(f"{URL}{row.pk}/"))

    def test_cannot_be_ended_by_those_who_may_not(self, stocked: World, as_: As) -> None:
        row = kept(stocked)
        assert as_("finn").post(f"{URL}{row.pk}/end/", {"reason": "no"}).status_code == 403
        row.refresh_from_db()
        assert row.ends_at is None
