"""The operations page: orders and log with their columns, filters and buttons, for those who may and for those who may not (R131-R145)."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from exceptions.models import ExceptionCase
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest
from portal.audit.models import AuditEvent
from portal.connections.models import FilterRow, Integration, Mode
from portal.ledger.models import SalesOrder, Shipment, Stage
from portal.sync.models import OutboundMessage, State
from portal.sync.operations import executing
from portal.sync.run_models import Process, ResolvedMark, Run, RunState, Trigger
from tests.people import person


def page(name: str, pk: int, query: str = "") -> str:
    return f"{reverse(f'connections:{name}', args=[pk])}{'?' if query else ''}{query}"


@pytest.fixture
def omar(client, db):
    client.force_login(person("omar"))
    return client


@pytest.fixture
def blocked(corridor) -> SalesOrder:
    """An order that waits for the express service to be mapped."""
    corridor.place(shipping_method="express")
    corridor.run()
    return SalesOrder.objects.get()


@pytest.fixture
def shipment(corridor) -> Shipment:
    """A dispatch that the channel was not told of yet."""
    order = corridor.place()[0]
    corridor.run()
    corridor.ship(order["orderNumber"], tracking="RM1")
    corridor.read_warehouse()
    return Shipment.objects.get()


def listed(client, integration: Integration, query: str = "") -> list[str]:
    return [row.reference for row in client.get(page("operations", integration.pk, query)).context["rows"]]


def press(client, integration, act: str, *things, process: str = "export", **data):
    answer = client.post(page("picked", integration.pk, f"process={process}"), {"act": act, "pick": [one.pk for one in things], **data}, follow=True)
    return " ".join(str(message) for message in answer.context["messages"])


class TestTheOrdersTab:
    def test_lists_orders_pending_export_with_their_columns(self, omar, corridor, blocked):  # R136, R143
        text = omar.get(page("operations", corridor.integration.pk)).content.decode()

        assert all(column in text for column in ("Reference number", "Last execution", "Status", "Message"))
        assert blocked.number in text
        assert "express" in omar.get(page("operations", corridor.integration.pk)).context["rows"][0].message

    def test_tells_when_it_was_last_executed(self, omar, corridor):  # R143
        corridor.place()
        corridor.run()
        row = omar.get(page("operations", corridor.integration.pk, "view=processed")).context["rows"][0]

        assert (timezone.now() - row.last_at).total_seconds() < 60

    def test_parts_the_pending_from_the_processed(self, omar, corridor, blocked):  # R136
        done = corridor.place()[0]
        corridor.run()

        assert listed(omar, corridor.integration) == [blocked.number]
        assert listed(omar, corridor.integration, "view=processed") == [done["orderNumber"]]

    def test_shows_errors_only(self, omar, corridor, blocked):  # R141
        waits = corridor.place(payment="pending")[0]
        corridor.read_orders()

        assert set(listed(omar, corridor.integration)) == {blocked.number, waits["orderNumber"]}
        assert listed(omar, corridor.integration, "errors_only=1") == [blocked.number]

    def test_hides_the_resolved(self, omar, corridor, blocked):  # R140
        press(omar, corridor.integration, "resolve", blocked, code="done_by_hand", note="typed in by hand")

        assert listed(omar, corridor.integration) == [blocked.number]
        assert listed(omar, corridor.integration, "hide_resolved=1") == []

    def test_asks_as_much_for_one_row_as_for_many(self, omar, corridor, django_assert_max_num_queries):
        corridor.place(count=30, shipping_method="express")
        corridor.run()
        with django_assert_max_num_queries(16):
            rows = listed(omar, corridor.integration)

        assert len(rows) == 30

    def test_goes_on_by_key(self, omar, corridor):
        corridor.place(count=55, shipping_method="express")
        corridor.read_orders()
        first = omar.get(page("operations", corridor.integration.pk)).context["page"]
        second = listed(omar, corridor.integration, f"cursor={first.older}")

        assert (len(first), len(second)) == (50, 5)

    def test_lists_fetched_fulfilments(self, omar, corridor, shipment):  # R142
        rows = omar.get(page("operations", corridor.integration.pk, "process=fetch")).context["rows"]

        assert [(row.reference, row.detail) for row in rows] == [(shipment.order.number, shipment.reference)]


class TestRun:
    def test_sends_the_picked_rows(self, omar, corridor, blocked):  # R137
        corridor.map_service("express", "Standard")
        press(omar, corridor.integration, "run", blocked)
        executing.execute(Run.objects.get(trigger=Trigger.HAND).pk)
        corridor.send()
        blocked.refresh_from_db()

        assert blocked.stage == Stage.WITH_HUB

    def test_counts_before_it_starts(self, omar, corridor, blocked):  # R131, R134
        answer = omar.get(page("plan-run", corridor.integration.pk, f"process=export&search={blocked.number}"))

        assert "1 order would be sent on" in answer.content.decode()
        assert not Run.objects.filter(trigger=Trigger.HAND).exists()

    def test_says_why_orders_are_left_out(self, omar, corridor, blocked):  # R112
        FilterRow.objects.create(integration=corridor.integration, field="store", operator="equals", value="eu")
        answer = omar.get(page("plan-run", corridor.integration.pk, "process=export"))

        assert "1: Left out by the filter “store equals eu”." in answer.content.decode()

    def test_starts_with_the_criteria_that_were_counted(self, omar, corridor, blocked):  # R133, R134
        answer = omar.post(page("plan-run", corridor.integration.pk, "process=export"), {"start": "2026-03-01", "search": "10"})
        run = Run.objects.get(trigger=Trigger.HAND)

        assert answer.url == page("run", run.pk)
        assert (run.criteria["from"], run.criteria["search"], run.by) == ("2026-03-01", "10", person("omar"))

    def test_refuses_days_in_the_wrong_order(self, omar, corridor):  # R133
        answer = omar.get(page("plan-run", corridor.integration.pk, "start=2026-03-02&end=2026-03-01"))

        assert "The last day lies before the first one." in answer.content.decode()

    @pytest.mark.parametrize(("mode", "process", "offered"), [(Mode.EXPORT, "fetch", "order export"), (Mode.FETCH, "export", "fulfilment import")])
    def test_is_offered_in_the_mode_that_is_on_alone(self, omar, corridor, mode, process, offered):  # R131, R132
        Integration.objects.update(mode=mode)
        answer = omar.get(page("operations", corridor.integration.pk, f"process={process}"))

        assert answer.context["process"].label == offered
        assert [one.label for one in answer.context["processes"]] == [offered]

    def test_shows_its_progress_while_it_runs(self, omar, corridor, blocked):  # R144
        omar.post(page("plan-run", corridor.integration.pk, "process=export"), {})
        run = Run.objects.get(trigger=Trigger.HAND)
        waiting = omar.get(page("run", run.pk)).content.decode()
        executing.execute(run.pk)
        corridor.send()
        executing.settle(run.pk, at=timezone.now())
        done = omar.get(page("run", run.pk, "part=1")).content.decode()

        assert 'hx-trigger="every 2s"' in waiting
        assert 'hx-trigger="every 2s"' not in done
        assert "1 of 1" in done

    def test_can_be_stopped(self, omar, corridor):
        omar.post(page("plan-run", corridor.integration.pk, "process=export"), {})
        run = Run.objects.get()
        omar.post(page("stop-run", run.pk))
        run.refresh_from_db()

        assert run.state == RunState.STOPPED

    @pytest.mark.parametrize("username", ["finn", "aldo"])
    @pytest.mark.parametrize("name", ["plan-run", "picked"])
    def test_is_closed_to_those_who_may_not(self, client, corridor, username, name):
        client.force_login(person(username))
        seen = client.get(page("operations", corridor.integration.pk)).content.decode()

        assert client.post(page(name, corridor.integration.pk), {"act": "resolve"}).status_code == 403
        assert "Mark as Resolved" not in seen
        assert "You cannot send one item again" in seen


class TestMarkAsResolved:
    def test_asks_how_it_ended(self, omar, corridor, blocked):  # R138, D10
        assert "Choose how it ended." in press(omar, corridor.integration, "resolve", blocked, note="gone")
        assert not ResolvedMark.objects.exists()

    def test_asks_what_was_done(self, omar, corridor, blocked):  # R138
        assert "Say what was done" in press(omar, corridor.integration, "resolve", blocked, code="done_by_hand")

    def test_by_hand_takes_it_out_and_closes_its_case(self, omar, corridor, blocked):  # R138
        press(omar, corridor.integration, "resolve", blocked, code="done_by_hand", note="typed into the warehouse as 77")
        corridor.map_service("express", "Standard")
        corridor.send()
        blocked.refresh_from_db()

        assert blocked.stage == Stage.ABANDONED
        assert not ExceptionCase.objects.filter(is_open=True).exists()
        assert corridor.at_warehouse(blocked.number) == []
        assert AuditEvent.objects.get(action="integration.marked_resolved").reason == "typed into the warehouse as 77"

    def test_fixed_is_refused_while_the_other_side_does_not_show_it(self, omar, corridor, blocked):  # R138, A13
        assert "does not show it yet" in press(omar, corridor.integration, "resolve", blocked, code="fixed_verified", note="really")

    def test_false_alarm_lets_it_go_on(self, omar, corridor, blocked):  # R138
        press(omar, corridor.integration, "resolve", blocked, code="false_alarm", note="the service is mapped later today")
        blocked.refresh_from_db()

        assert (ResolvedMark.objects.get().code, blocked.stage) == ("false_alarm", Stage.BLOCKED)

    def test_stop_trying_asks_finance(self, omar, corridor, blocked):  # R138, D10
        said = press(omar, corridor.integration, "resolve", blocked, code="stop_trying", note="the customer has given up")
        blocked.refresh_from_db()
        before = blocked.stage
        approvals.approve(ApprovalRequest.objects.get().pk, by=person("finn"))
        blocked.refresh_from_db()

        assert "a second person was asked" in said
        assert (before, blocked.stage, ResolvedMark.objects.get().code) == (Stage.BLOCKED, Stage.ABANDONED, "stop_trying")

    def test_is_refused_once_the_warehouse_has_it(self, omar, corridor):
        corridor.place()
        corridor.run()
        said = press(omar, corridor.integration, "resolve", SalesOrder.objects.get(), code="done_by_hand", note="x")

        assert "cannot be taken out here" in said

    def test_works_on_fulfilments_after_processing(self, omar, corridor, shipment):  # R142
        corridor.send()
        said = press(omar, corridor.integration, "resolve", shipment, process="fetch", code="fixed_verified")

        assert "marked as resolved" in said
        assert ResolvedMark.objects.get().note == "the channel shows it"

    def test_stops_telling_a_fulfilment_that_was_told_by_hand(self, omar, corridor, shipment):  # R142
        press(omar, corridor.integration, "resolve", shipment, process="fetch", code="done_by_hand", note="typed into the shop")
        corridor.send()

        assert OutboundMessage.objects.get(kind="confirm_shipment").state == State.ABANDONED

    def test_leaves_another_integrations_orders_alone(self, omar, corridor, blocked):
        other = Integration.objects.create(name="Other", channel=corridor.channel, hub=corridor.hub)
        press(omar, other, "resolve", blocked, code="done_by_hand", note="x")

        assert not ResolvedMark.objects.exists()


class TestMarkAsUnresolved:
    def test_returns_it_to_pending(self, omar, corridor, blocked):  # R139
        press(omar, corridor.integration, "resolve", blocked, code="done_by_hand", note="typed in")
        press(omar, corridor.integration, "unresolve", blocked)
        blocked.refresh_from_db()

        assert blocked.stage == Stage.RECEIVED
        assert listed(omar, corridor.integration, "hide_resolved=1") == [blocked.number]

    def test_lets_the_next_run_send_it(self, omar, corridor, blocked):  # R137, R139
        press(omar, corridor.integration, "resolve", blocked, code="done_by_hand", note="typed in")
        press(omar, corridor.integration, "unresolve", blocked)
        corridor.map_service("express", "Standard")
        press(omar, corridor.integration, "run", blocked)
        executing.execute(Run.objects.get(trigger=Trigger.HAND).pk)
        corridor.send()

        assert len(corridor.at_warehouse(blocked.number)) == 1

    def test_says_when_there_is_nothing_to_take_back(self, omar, corridor, blocked):
        assert "is not marked as resolved" in press(omar, corridor.integration, "unresolve", blocked)


class TestTheLogsTab:
    @pytest.fixture
    def entries(self, corridor) -> list[Run]:
        made = {"integration": corridor.integration, "trigger": Trigger.SCHEDULE, "state": RunState.DONE, "created_at": timezone.now()}
        return [
            Run.objects.create(**made, process=Process.EXPORT, message="12 sent."),
            Run.objects.create(**made, process=Process.FETCH, message="The shop could not be read.", has_errors=True),
        ]

    def messages(self, client, corridor, query: str = "") -> list[str]:
        return [run.message for run in client.get(page("log", corridor.integration.pk, query)).context["page"].rows]

    def test_has_a_line_for_each_execution(self, omar, corridor, entries):  # R144
        text = omar.get(page("log", corridor.integration.pk)).content.decode()

        assert all(words in text for words in ("Order export", "Fulfilment import", "12 sent.", "The shop could not be read.", "<time"))

    def test_shows_errors_only(self, omar, corridor, entries):  # R145
        assert self.messages(omar, corridor, "errors_only=1") == ["The shop could not be read."]

    def test_hides_the_resolved(self, omar, corridor, entries):  # R145
        omar.post(page("log-resolved", entries[1].pk), {"resolved": "1"})

        assert self.messages(omar, corridor, "hide_resolved=1") == ["12 sent."]
        assert AuditEvent.objects.filter(action="integration.log_resolved").exists()

    def test_takes_a_mark_back(self, omar, corridor, entries):  # R145
        for resolved in ("1", "0"):
            omar.post(page("log-resolved", entries[1].pk), {"resolved": resolved})

        assert len(self.messages(omar, corridor, "hide_resolved=1")) == 2
