"""Running an integration by hand: limited, counted first, once, in the mode that is on (R105-R108, R131-R135)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_q.models import OrmQ

from connectors.canonical import OrderState
from mappings.models import ShipServiceMapping
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest
from portal.audit.models import AuditEvent
from portal.connections.changes import save_integration
from portal.connections.models import Connection, FilterRow, Integration, Mode
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync.models import OutboundMessage, State
from portal.sync.operations import executing, starting
from portal.sync.operations.jobs import look_at_the_clock
from portal.sync.operations.selection import Criteria, dry_run
from portal.sync.operations.starting import RunRefusedError, start
from portal.sync.run_models import Process, Run, RunItem, RunState, Trigger
from tests.people import person


def off(corridor) -> Integration:
    """The integration with automatic off: nothing goes by itself."""
    save(corridor.integration, enabled=False)
    return corridor.integration


def save(integration: Integration, **values) -> None:
    for name, value in values.items():
        setattr(integration, name, value)
    save_integration(integration, by=person("ada"), at=timezone.now())


def run(integration: Integration, process: str = Process.EXPORT, by: str = "omar", **limits) -> Run:
    """Started by a person, carried out, handed to the corridor."""
    made = start(integration, process, Criteria(**limits), by=person(by))
    assert isinstance(made, Run)
    executing.execute(made.pk)
    made.refresh_from_db()
    return made


def finished(corridor, made: Run) -> Run:
    corridor.send()
    executing.settle(made.pk, at=timezone.now())
    made.refresh_from_db()
    return made


def rung() -> list[tuple[int, ...]]:
    """The ids of the runs that workers were rung for."""
    return [row.task["args"] for row in OrmQ.objects.all() if row.task["func"] == starting.JOB]


class TestARunByHand:
    def test_sends_what_waits_though_automatic_is_off(self, corridor):  # R120, R131
        integration = off(corridor)
        placed = corridor.place(count=2)
        made = finished(corridor, run(integration, read=True))

        assert [len(corridor.at_warehouse(order["orderNumber"])) for order in placed] == [1, 1]
        assert (made.state, made.number, made.has_errors) == (RunState.DONE, 2, False)
        assert made.message.endswith("2 sent.")

    def test_sends_nothing_twice(self, corridor):  # R135
        order = corridor.place()[0]
        corridor.run()
        for _ in range(2):
            finished(corridor, run(corridor.integration, read=True))

        assert len(corridor.at_warehouse(order["orderNumber"])) == 1

    def test_is_limited_to_an_order_number(self, corridor):  # R134
        integration = off(corridor)
        first, second = corridor.place(count=2)
        corridor.read_orders()
        made = finished(corridor, run(integration, search=first["orderNumber"].lower()))

        assert made.number == 1
        assert [len(corridor.at_warehouse(one["orderNumber"])) for one in (first, second)] == [1, 0]

    @pytest.mark.parametrize(("search", "number"), [("MUG-1", 1), ("TEE-1", 0), ("uk", 1), ("eu", 0), ("standard", 1), ("nothing like it", 0)])
    def test_is_limited_to_a_keyword(self, corridor, search, number):  # R134
        integration = off(corridor)
        corridor.place()
        corridor.read_orders()

        assert dry_run(integration, Process.EXPORT, Criteria(search=search)).goes == number

    def test_is_limited_to_days_of_the_integrations_own_zone(self, corridor):  # R133
        integration = off(corridor)
        Integration.objects.filter(pk=integration.pk).update(time_zone="Pacific/Kiritimati")  # UTC+14
        integration.refresh_from_db()
        corridor.place()
        corridor.read_orders()
        SalesOrder.objects.update(placed_at="2026-03-02T11:00:00Z")  # 3 March there

        days = [dry_run(integration, Process.EXPORT, Criteria(date(2026, 3, day), date(2026, 3, day))).goes for day in (2, 3, 4)]
        assert days == [0, 1, 0]

    def test_takes_orders_from_before_the_start_date(self, corridor):  # R121
        integration = corridor.integration
        save(integration, start_date=date.today() + timedelta(days=2))
        corridor.place()
        corridor.run()
        assert SalesOrder.objects.get().stage == Stage.IGNORED
        finished(corridor, run(integration))

        assert SalesOrder.objects.get().stage == Stage.WITH_HUB

    def test_leaves_out_what_the_filters_leave_out(self, corridor):  # R112, R146
        integration = off(corridor)
        FilterRow.objects.create(integration=integration, field="store", operator="equals", value="eu")
        corridor.place()
        corridor.read_orders()
        told = dry_run(integration, Process.EXPORT, Criteria())
        finished(corridor, run(integration))

        assert (told.fits, told.goes) == (1, 0)
        assert "Left out by the filter" in next(iter(told.left_out))
        assert not OutboundMessage.objects.filter(kind="create_order").exists()

    def test_never_takes_an_order_that_the_channel_has_ended(self, corridor):
        integration = off(corridor)
        corridor.place()
        corridor.read_orders()
        SalesOrder.objects.update(state=OrderState.COMPLETE)

        assert dry_run(integration, Process.EXPORT, Criteria()).fits == 0

    def test_uses_the_mapping_as_it_is_now(self, corridor):  # R135
        mapping = ShipServiceMapping.objects.get(channel_code="standard")
        ShipServiceMapping.objects.filter(pk=mapping.pk).update(hub_code="999999")  # the warehouse has no such service and refuses
        order = corridor.place()[0]
        corridor.run()
        assert OutboundMessage.objects.get(kind="create_order").state == State.PARKED
        good = str(corridor.made["delivery_methods"]["Click and Collect"])
        ShipServiceMapping.objects.filter(pk=mapping.pk).update(hub_code=good)
        finished(corridor, run(corridor.integration, search=order["orderNumber"]))

        assert [one["delivery_method"]["name"] for one in corridor.at_warehouse(order["orderNumber"])] == ["Click and Collect"]

    def test_says_what_needs_a_look(self, corridor):
        corridor.place(shipping_method="express")
        corridor.run()
        made = finished(corridor, run(corridor.integration))

        assert made.has_errors
        assert "1 need a look" in made.message

    def test_that_cannot_read_is_an_error_and_never_no_orders(self, corridor):  # E32
        corridor.place()
        corridor.read_orders()
        corridor.fault(corridor.shop, "500", times=None, path=".*")
        made = finished(corridor, run(corridor.integration, read=True))

        assert made.has_errors
        assert "could not be read" in made.message


class TestStarting:
    @pytest.mark.parametrize(
        ("mode", "process", "refused"),
        [
            (Mode.EXPORT, Process.FETCH, "fetch mode is off"),  # R132
            (Mode.FETCH, Process.EXPORT, "export mode is off"),  # R131
        ],
    )
    def test_is_refused_in_the_mode_that_is_off(self, corridor, mode, process, refused):
        save(corridor.integration, mode=mode)
        with pytest.raises(RunRefusedError, match=refused):
            start(corridor.integration, process, Criteria(), by=person("omar"))

    def test_is_refused_while_an_account_is_off(self, corridor):
        Connection.objects.filter(pk=corridor.hub.pk).update(enabled=False)
        integration = Integration.objects.get(pk=corridor.integration.pk)
        with pytest.raises(RunRefusedError, match="Warehouse must be verified and switched on"):
            start(integration, Process.EXPORT, Criteria(), by=person("omar"))

    @pytest.mark.parametrize("username", ["finn", "aldo", "nell"])
    def test_is_refused_to_those_who_may_not_send_again(self, corridor, username):
        with pytest.raises(PermissionDenied):
            start(corridor.integration, Process.EXPORT, Criteria(), by=person(username))

    def test_pressed_twice_is_one_run(self, corridor):
        token = uuid4()
        made = [start(corridor.integration, Process.EXPORT, Criteria(), by=person("omar"), token=token) for _ in range(2)]

        assert made[0] == made[1]
        assert AuditEvent.objects.filter(action="integration.run").count() == 1

    def test_rings_for_a_worker_with_one_id(self, corridor, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            made = start(corridor.integration, Process.EXPORT, Criteria(), by=person("omar"))

        assert rung() == [(made.pk,)]

    def test_of_many_asks_a_second_person(self, corridor, monkeypatch):
        monkeypatch.setattr(starting, "GROUP_LIMIT", 1)
        integration = off(corridor)
        corridor.place(count=2)
        corridor.read_orders()
        asked = start(integration, Process.EXPORT, Criteria(), by=person("omar"), reason="backlog")
        before = Run.objects.count()
        approvals.approve(asked.pk, by=person("ada"))

        assert (isinstance(asked, ApprovalRequest), before, Run.objects.count()) == (True, 0, 1)


class TestARunThatWasQueued:
    def test_refuses_when_the_mode_was_changed_meanwhile(self, corridor):  # R108
        made = start(corridor.integration, Process.EXPORT, Criteria(), by=person("omar"))
        corridor.place()
        corridor.read_orders()
        save(corridor.integration, mode=Mode.FETCH)
        executing.execute(made.pk)
        made.refresh_from_db()

        assert (made.state, made.has_errors) == (RunState.REFUSED, True)
        assert "export mode is off. Nothing was sent." in made.message

    def test_is_carried_out_once_by_two_workers(self, corridor):
        made = start(corridor.integration, Process.EXPORT, Criteria(), by=person("omar"))

        assert executing.claim(made.pk, at=timezone.now()) is not None
        assert executing.claim(made.pk, at=timezone.now()) is None

    def test_is_taken_over_from_a_worker_that_died(self, corridor):
        made = start(corridor.integration, Process.EXPORT, Criteria(), by=person("omar"))
        executing.claim(made.pk, at=timezone.now())
        Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        look_at_the_clock()

        assert rung() == [(made.pk,)]

    def test_stops_on_request(self, corridor):
        corridor.place(count=2)
        corridor.read_orders()
        made = start(corridor.integration, Process.EXPORT, Criteria(), by=person("omar"))
        executing.stop(made, at=timezone.now())
        executing.execute(made.pk)

        assert Run.objects.get().state == RunState.STOPPED
        assert not RunItem.objects.exists()


class TestAMessageThatWasQueued:
    @pytest.fixture
    def queued(self, corridor) -> OutboundMessage:
        corridor.place()
        corridor.read_orders()
        return OutboundMessage.objects.get(kind="create_order")

    def test_is_not_sent_once_the_mode_is_the_other(self, corridor, queued):  # R108
        save(corridor.integration, mode=Mode.FETCH)
        corridor.send()
        queued.refresh_from_db()

        assert (queued.state, queued.waiting_for) == (State.PARKED, f"integration:{corridor.integration.pk}")
        assert "does not export orders now" in queued.note
        assert not corridor.calls(corridor.warehouse, method="POST", path="/orders")

    def test_is_not_sent_once_automatic_is_off(self, corridor, queued):  # R120
        save(corridor.integration, enabled=False)
        corridor.send()
        queued.refresh_from_db()

        assert queued.state == State.PARKED
        assert "Run it by hand, or switch it on." in queued.order.stage_note or "Run it by hand" in queued.note

    def test_goes_when_it_is_switched_back(self, corridor, queued):  # R130
        save(corridor.integration, enabled=False)
        corridor.send()
        save(corridor.integration, enabled=True)
        corridor.send()
        queued.refresh_from_db()

        assert queued.state in (State.SENT, State.CONFIRMED)

    def test_goes_when_a_person_runs_it(self, corridor, queued):  # R120, R137
        save(corridor.integration, enabled=False)
        corridor.send()
        finished(corridor, run(corridor.integration, picked=(queued.order_id,)))
        queued.refresh_from_db()

        assert queued.state in (State.SENT, State.CONFIRMED)


class TestFulfilments:
    def test_are_fetched_and_told_by_hand(self, corridor):  # R106, R132, R142
        order = corridor.place()[0]
        corridor.run()
        corridor.ship(order["orderNumber"], tracking="RM1")
        integration = off(corridor)
        made = finished(corridor, run(integration, Process.FETCH, read=True))

        assert made.number == 1
        assert Shipment.objects.get().shown_at is not None

    def test_are_limited_by_order_number(self, corridor):  # R134
        order = corridor.place()[0]
        corridor.run()
        corridor.ship(order["orderNumber"], tracking="RM1")
        corridor.read_warehouse()

        found = [dry_run(corridor.integration, Process.FETCH, Criteria(search=word)).goes for word in (order["orderNumber"], "other")]
        assert found == [1, 0]


class TestTheLogOfARun:
    def test_names_who_and_what(self, corridor):  # R144
        made = run(corridor.integration, search="1001")

        assert (made.by, made.trigger, made.process) == (person("omar"), Trigger.HAND, Process.EXPORT)
        assert Criteria.of(made.criteria).spoken() == "“1001”"
