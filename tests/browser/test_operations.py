"""Connections, settings, operations and notifications in a browser: as an admin, as operations, and as those without the right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from connectors.canonical import PaymentState
from exceptions.cases import CaseEntry, open_case
from portal.connections.models import Connection, FilterRow, Integration, Mode
from portal.ledger.models import HubOrder, SalesOrder, Shipment, Stage
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.operations import executing
from portal.sync.run_models import Process, ResolvedMark, Run, RunItem, RunState, Trigger
from tests.browser.conftest import DESK, TELEPHONE, keep_picture
from tests.ledger.orders import a_connection, an_order, kept
from tests.people import person

SIZES = [DESK, TELEPHONE]


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture
def integration(live) -> Integration:
    """A shop and a warehouse, orders in every state of the page, and a log."""
    now = timezone.now()
    known = {"credentials_sealed": "kept", "health": "ok", "last_ok_at": now}
    channel, hub = a_connection("Shop UK", **known), a_connection("Veeqo Leeds", "veeqo", account="Lockstep", **known)
    a_connection("Veeqo test", "veeqo", verified_at=None, enabled=False)
    made = Integration.objects.create(
        name="UK web shop", channel=channel, hub=hub, enabled=True, mode=Mode.EXPORT, time_zone="America/Los_Angeles", hour=0, minute=10,
        offset_min=-30, instant_errors=True, instant_emails=["ops@shop.example"],
    )  # fmt: skip
    FilterRow.objects.create(integration=made, field="tag", operator="contains", value="web")
    fill(made)
    return made


def fill(integration: Integration) -> None:
    now = timezone.now()
    for number in range(1, 9):
        with transaction.atomic():
            order = kept(integration.channel, an_order(f"{number}", placed_at=now - timedelta(hours=number), payment_state=PaymentState.PAID))
        stage, note = [
            (Stage.BLOCKED, "The ship service “Express” has no mapping. Map it, and the order goes by itself."),
            (Stage.QUEUED, ""),
            (Stage.HELD, "The channel says the payment is “pending”."),
            (Stage.WITH_HUB, ""),
        ][number % 4]
        SalesOrder.objects.filter(pk=order.pk).update(integration=integration, stage=stage, stage_note=note)
        if stage in (Stage.BLOCKED, Stage.WITH_HUB):
            message = OutboundMessage.objects.create(
                connection=integration.hub, integration=integration, order=order, kind="create_order", subject=f"order:{order.pk}", version="1",
                lane="store:uk", state=State.PARKED if stage == Stage.BLOCKED else State.SENT, note=note, waiting_for="x" if note else "",
            )  # fmt: skip
            DeliveryAttempt.objects.create(message=message, number=1, started_at=now - timedelta(minutes=number), outcome="done")
    logged(integration)


def logged(integration: Integration) -> None:
    now = timezone.now()
    made = {"integration": integration, "state": RunState.DONE, "created_at": now, "started_at": now, "ended_at": now}
    Run.objects.create(**made, process=Process.EXPORT, trigger=Trigger.SCHEDULE, number=12, handled=12, message="14 read from Shop UK. 12 sent.")
    Run.objects.create(**made, process=Process.READ, trigger=Trigger.INTERVAL, number=3, message="Shop UK, orders: 3 read.")
    failed = "Shop UK could not be read: it has a fault of its own (HTTP 502). Only what was known already was looked at. Nothing waited."
    Run.objects.create(**made, process=Process.EXPORT, trigger=Trigger.HAND, by=person("omar"), number=0, has_errors=True, message=failed)
    run = Run.objects.create(**{**made, "state": RunState.SENDING, "ended_at": None}, process=Process.EXPORT, trigger=Trigger.HAND, by=person("omar"))
    orders = list(SalesOrder.objects.all())
    RunItem.objects.bulk_create([RunItem(run=run, subject=f"order:{order.pk}", outcome=order.stage_note or "Sent on.") for order in orders])
    Run.objects.filter(pk=run.pk).update(number=len(orders), handled=len(orders))


def pages(integration: Integration) -> list[str]:
    base = f"/connections/{integration.pk}/"
    accounts = [f"/connections/accounts/{integration.hub_id}/", "/connections/accounts/add/", f"/connections/accounts/{integration.hub_id}/remove/"]
    more = [base, f"{base}?view=processed", f"{base}log/", f"{base}run/?process=export", f"{base}settings/", f"{base}remove/"]
    run = Run.objects.get(state=RunState.SENDING)
    return ["/connections/", *accounts, *more, f"/connections/runs/{run.pk}/", "/connections/add/", "/notifications/", "/notifications/OPS/"]


class TestTheirPages:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("colours", ["light", "dark"])
    def test_fit_and_keep_the_security_policy(self, log_in, integration, complaints, size, colours):
        page = log_in("ada", size=size, colours=colours)
        for url in pages(integration):
            page.goto(url)
            name = f"{url.strip('/').replace('/', '-').replace('?', '-').replace('=', '-')}-{size['width']}-{colours}"
            keep_picture(page, name)
            assert sideways(page) <= 0, url
        assert complaints == []


class TestTheSettings:
    def test_reveal_the_schedule_when_automatic_is_on(self, log_in, integration):  # R119
        page = log_in("ada", f"/connections/{integration.pk}/settings/")
        hour = page.get_by_label("hour (0-23)")
        expect(hour).to_be_visible()
        page.get_by_label("Automatic import and export").uncheck()
        expect(hour).to_be_hidden()
        expect(page.get_by_text("by hand on the operations page")).to_be_visible()
        page.get_by_label("Automatic import and export").check()
        expect(page.get_by_label("start time offset")).to_have_value("-30")

    @pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
    def test_take_filter_rows_without_a_script(self, log_in, integration, script):  # R112, R113
        page = log_in("ada", f"/connections/{integration.pk}/settings/", script=script)
        page.get_by_role("button", name="Add a row").click()
        page.get_by_label("Field of filter 2").fill("currency")
        page.get_by_label("Operator of filter 2").select_option("equals")
        page.get_by_label("Value of filter 2").fill("GBP")
        page.get_by_role("button", name="Remove filter 1").click()
        expect(page.get_by_text("Not saved yet")).to_be_visible()
        page.locator("main").get_by_role("button", name="Save", exact=True).last.click()
        expect(page.get_by_text("Saved. From the next run on it works like this.")).to_be_visible()
        assert [str(row) for row in integration.filters.all()] == ["currency equals GBP"]

    def test_say_what_is_wrong_where_it_is_wrong(self, log_in, integration):  # R122, R124, R126
        page = log_in("ada", f"/connections/{integration.pk}/settings/")
        page.get_by_label("hour (0-23)").fill("24")
        page.get_by_label("start time offset").fill("5")
        page.get_by_label("Addresses for errors at once").fill("ops@shop.example, nobody")
        page.get_by_label("Exclude from mail").fill("*")
        page.locator("main").get_by_role("button", name="Save", exact=True).last.click()
        for sentence in (
            "A day has the hours 0 to 23.",
            "The offset only starts the job earlier",
            "Not an e-mail address: “nobody”",
            "every message",
        ):
            expect(page.get_by_text(sentence)).to_be_visible()
        keep_picture(page, "settings-wrong")

    def test_of_operations_are_to_look_at(self, log_in, integration):
        page = log_in("omar", f"/connections/{integration.pk}/settings/")
        expect(page.get_by_text("You cannot edit connections")).to_be_visible()
        expect(page.get_by_label("hour (0-23)")).to_be_disabled()
        expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
        keep_picture(page, "settings-closed")


class TestTheOperationsPage:
    def test_counts_first_and_then_runs(self, log_in, integration):  # R131, R133, R134
        FilterRow.objects.all().delete()
        page = log_in("omar", f"/connections/{integration.pk}/")
        page.get_by_text("Run the order export now").click()
        page.get_by_label("Order number or keyword").fill("WEB-1")
        page.get_by_label("Read what is new first").uncheck()
        page.get_by_role("button", name="Count first").click()
        expect(page.get_by_role("heading", name="1 order would be sent on")).to_be_visible()
        keep_picture(page, "dry-run")
        page.get_by_role("button", name="Run now").click()
        expect(page.get_by_text("Started. You can leave this page")).to_be_visible()
        run = Run.objects.latest("pk")
        executing.execute(run.pk)
        expect(page.locator("#run strong", has_text="1 of 1")).to_be_visible(timeout=6000)  # the page asks by itself
        assert run.criteria["search"] == "WEB-1"

    def test_marks_as_resolved_and_takes_it_back(self, log_in, integration):  # R138, R139, R140
        page = log_in("omar", f"/connections/{integration.pk}/")
        page.get_by_label("Pick WEB-4").check()
        page.get_by_label("How it ended").select_option("done_by_hand")
        page.get_by_label("Note").fill("typed into the warehouse as 77")
        page.get_by_role("button", name="Mark as Resolved").click()
        expect(page.get_by_text("marked as resolved (done by hand)")).to_be_visible()
        keep_picture(page, "marked")
        page.get_by_label("Hide Resolved").check()
        expect(page.get_by_label("Pick WEB-4")).to_have_count(0)
        page.get_by_label("Hide Resolved").uncheck()
        page.get_by_label("Pick WEB-4").check()
        page.get_by_role("button", name="Mark as Unresolved").click()
        expect(page.get_by_text("pending again")).to_be_visible()
        assert not ResolvedMark.objects.exists()

    def test_shows_errors_only_and_the_log(self, log_in, integration):  # R141, R144, R145
        page = log_in("omar", f"/connections/{integration.pk}/")
        page.get_by_label("Show Errors Only").check()
        expect(page.get_by_role("link", name="WEB-4")).to_be_visible()
        expect(page.get_by_role("link", name="WEB-1", exact=True)).to_have_count(0)
        page.get_by_role("link", name="Logs").click()
        page.get_by_label("Show Errors Only").check()
        expect(page.get_by_text("could not be read")).to_be_visible()
        page.get_by_role("button", name="Mark as Resolved").click()
        page.get_by_label("Hide Resolved").check()
        expect(page.get_by_text("could not be read")).to_have_count(0)

    @pytest.mark.parametrize("username", ["aldo", "finn"])
    def test_offers_nothing_to_those_who_may_only_look(self, log_in, integration, username):
        page = log_in(username, f"/connections/{integration.pk}/")
        expect(page.get_by_role("link", name="WEB-4")).to_be_visible()
        expect(page.get_by_text("You cannot send one item again")).to_be_visible()
        expect(page.get_by_role("button", name="Mark as Resolved")).to_have_count(0)


class TestAnErp:
    """A XoroERP profile: one direction at a time, and a page that follows it."""

    @pytest.fixture
    def erp(self, integration) -> Integration:
        channel = a_connection("Xoro US", "xoro", account="DMO", credentials_sealed="kept", health="ok", last_ok_at=timezone.now())
        made = Integration.objects.create(name="Xoro to Leeds", channel=channel, hub=integration.hub, enabled=True, mode=Mode.EXPORT)
        with transaction.atomic():
            order = kept(channel, an_order("77", payment_state=PaymentState.PAID))
        SalesOrder.objects.filter(pk=order.pk).update(integration=made, stage=Stage.PART_SHIPPED)
        hub_order = HubOrder.objects.create(
            connection=integration.hub, order=order, reference="h77", number="XO-77", version="1", state="part_shipped", changed_at=timezone.now()
        )
        Shipment.objects.create(connection=integration.hub, hub_order=hub_order, order=order, reference="9001", shipped_at=timezone.now())
        return made

    def test_takes_one_direction_at_a_time(self, log_in, erp):  # R105, R106, R107
        page = log_in("ada", f"/connections/{erp.pk}/settings/")
        save = page.locator("main").get_by_role("button", name="Save", exact=True).last
        page.get_by_label("Fetch order fulfilments").check()
        save.click()
        expect(page.get_by_text("XoroERP works in one direction at a time")).to_be_visible()
        keep_picture(page, "xoro-one-direction")
        page.get_by_label("Export orders").uncheck()
        page.get_by_label("Disable multishipment").check()
        page.get_by_label("item identifier code").select_option("barcode")
        save.click()
        expect(page.get_by_text("Saved. From the next run on it works like this.")).to_be_visible()
        erp.refresh_from_db()
        assert (erp.mode, erp.disable_multishipment, erp.item_identifier) == (Mode.FETCH, True, "barcode")

    @pytest.mark.parametrize("size", SIZES)
    def test_shows_fetched_fulfilments_where_it_fetches(self, log_in, erp, size):  # R132, R142, R143
        Integration.objects.filter(pk=erp.pk).update(mode=Mode.FETCH)
        page = log_in("omar", f"/connections/{erp.pk}/", size=size)
        expect(page.get_by_text("Run the order export now")).to_have_count(0)
        expect(page.get_by_text("Run the fulfilment import now")).to_be_visible()
        expect(page.get_by_text("9001")).to_be_visible()
        keep_picture(page, f"xoro-fetch-{size['width']}")
        assert sideways(page) <= 0

    def test_is_closed_to_those_without_a_role(self, log_in, erp):  # R104
        page = log_in("nell")
        answer = page.goto(f"/connections/{erp.pk}/")
        expect(page.get_by_text("Run the order export now")).to_have_count(0)
        assert answer is not None and answer.status == 403

    def test_shows_its_settings_to_operations_without_a_way_to_save(self, log_in, erp):  # R104
        page = log_in("omar", f"/connections/{erp.pk}/settings/")
        expect(page.get_by_label("Fetch order fulfilments")).to_be_disabled()
        expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)


class TestNotifications:
    def test_are_chosen_by_each_person(self, log_in, integration):
        omar = person("omar")
        omar.email = "omar@shop.example"
        omar.save()
        page = log_in("omar", "/notifications/")
        page.get_by_label("e-mail at once").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved. It holds for the next case.")).to_be_visible()
        open_case("E04", fingerprint="x", cause="x", items=[CaseEntry("order:1", "1", timezone.now())], at=timezone.now())
        assert Connection.objects.count() == 3
