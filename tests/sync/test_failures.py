"""Every failure becomes a time to try again or a case; none is swallowed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.canonical import CodeKind
from connectors.errors import AccessDenied, Conflict, ContractError, OutcomeUnknown, RateLimited, Rejected, Unavailable
from exceptions.models import ExceptionCase
from mappings.errors import TO_HUB, UnmappedCode
from portal.connections.models import Connection, Health
from portal.connections.verify import verify
from portal.ledger.models import Stage
from portal.sync import failures
from portal.sync.claim import claim_due
from portal.sync.deliver import deliver_batch, record_failure
from portal.sync.models import DeliveryAttempt, OutboundMessage, State
from portal.sync.plan_orders import plan_order
from tests.corridor import CREDENTIALS
from tests.ledger.orders import NOON, an_integration, kept


@pytest.fixture
def message(db) -> OutboundMessage:
    order = kept(an_integration().channel)
    plan_order(order, at=NOON)
    [mine] = claim_due(order.integration.hub, limit=1, at=NOON)
    mine.attempts = 1
    return mine


def handled(message, error) -> OutboundMessage:
    failures.handle(message, error, at=NOON)
    message.refresh_from_db()
    return message


def unmapped(message) -> UnmappedCode:
    return UnmappedCode(kind=CodeKind.SHIP_SERVICE, value="express", integration=message.integration, direction=TO_HUB)


# error → what becomes of the message, and the case it opens at once
VERDICTS = {
    "away": (lambda _: Unavailable("It is away."), State.QUEUED, None),
    "too fast": (lambda _: RateLimited("Slow down.", retry_after_s=7), State.QUEUED, None),
    "wrong credential": (lambda _: AccessDenied("It refused the credential."), State.QUEUED, "E32"),
    "no answer": (lambda _: OutcomeUnknown("No answer."), State.QUEUED, None),
    "refused": (lambda _: Rejected("It said no.", code="422"), State.PARKED, "E04"),
    "changed meanwhile": (lambda _: Conflict("It changed."), State.QUEUED, None),
    "no data": (lambda _: ContractError("It answered with a web page."), State.QUEUED, None),
    "no mapping": (unmapped, State.PARKED, "E16"),
}


class TestAFailure:
    @pytest.mark.parametrize("what", VERDICTS)
    def test_of_any_class_waits_or_is_a_case(self, message, what):  # R29, R41
        error, state, kind = VERDICTS[what]
        handled(message, error(message))

        assert message.state == state
        assert message.note != ""
        assert list(ExceptionCase.objects.values_list("kind", flat=True)) == ([kind] if kind else [])

    @pytest.mark.parametrize("what", VERDICTS)
    def test_leaves_no_row_in_the_hands_of_a_worker(self, message, what):
        handled(message, VERDICTS[what][0](message))

        assert (message.claimed_at, message.lease_until, message.called_at) == (None, None, None)

    def test_waits_longer_each_time_up_to_five_minutes(self):
        waits = [failures.wait_s(attempt) for attempt in range(1, 30)]

        assert waits[0] < 3 < waits[3]
        assert max(waits) <= 360 and min(waits[10:]) >= 240

    def test_waits_as_long_as_the_vendor_asks(self, message):  # R40
        handled(message, RateLimited("Slow down.", retry_after_s=100))

        assert timedelta(seconds=100) <= message.not_before - NOON <= timedelta(seconds=121)

    @pytest.mark.parametrize("error", [OutcomeUnknown("No answer."), ContractError("A web page.")])
    def test_after_which_nothing_is_known_looks_first_once_the_search_may_know(self, message, error):  # R35
        handled(message, error)

        assert message.looks_first
        assert message.not_before - NOON == timedelta(seconds=60)

    @pytest.mark.parametrize("error", [Unavailable("Away."), RateLimited("Slow."), AccessDenied("No.")])
    def test_after_which_nothing_was_done_does_not_look(self, message, error):
        assert not handled(message, error).looks_first

    def test_five_times_without_an_answer_is_a_case_of_operations(self, message):  # E04
        message.attempts = failures.TRIES_BEFORE_CASE
        handled(message, OutcomeUnknown("No answer."))

        case = ExceptionCase.objects.get()
        assert (case.kind, case.owner, message.state) == ("E04", "OPS", State.QUEUED)

    def test_of_a_version_three_times_is_a_case(self, message):  # E20, R67
        message.attempts = failures.CONFLICTS_BEFORE_CASE
        handled(message, Conflict("It changed."))

        assert ExceptionCase.objects.get().kind == "E20"

    def test_that_stops_an_order_shows_on_the_order(self, message):  # R42
        handled(message, Rejected("The delivery method is not one of Veeqo's."))

        message.order.refresh_from_db()
        assert (message.order.stage, message.order.stage_note) == (Stage.BLOCKED, "The delivery method is not one of Veeqo's.")

    def test_puts_the_money_at_risk_on_its_case(self, message):  # A3
        handled(message, Rejected("No."))

        assert ExceptionCase.objects.get().value == {"GBP": "12.00"}


class Surprise:
    """A connector with a mistake in it."""

    def create_order(self, order):
        raise KeyError("sellable_id")

    def take_exchanges(self):
        return []


class TestASurprise:
    @pytest.fixture
    def broken(self, corridor, monkeypatch):
        corridor.place(count=2)
        corridor.read_orders()
        monkeypatch.setattr("portal.sync.deliver.connect", lambda *_, **__: Surprise())
        return corridor

    def test_in_one_message_does_not_stop_the_others(self, broken):  # R41
        deliver_batch(broken.hub, at=timezone.now(), threads=1)

        assert [row.attempts for row in OutboundMessage.objects.all()] == [1, 1]
        assert set(OutboundMessage.objects.values_list("state", "looks_first")) == {(State.QUEUED, True)}

    def test_is_kept_with_its_words_for_the_engineer(self, broken):
        deliver_batch(broken.hub, at=timezone.now(), threads=1)

        attempt = DeliveryAttempt.objects.first()
        assert (attempt.outcome, "could not work this out" in attempt.sentence) == ("ContractError", True)

    def test_again_and_again_is_a_case(self, broken, monkeypatch):  # R29
        for _ in range(8):
            OutboundMessage.objects.update(not_before=timezone.now(), looks_first=False)
            deliver_batch(broken.hub, at=timezone.now(), threads=1)

        assert ExceptionCase.objects.filter(kind="E04", is_open=True).count() == 2

    def test_while_translating_is_told_too(self, broken, monkeypatch):
        def prepare(message, *, at):
            raise TypeError("unexpected field")

        monkeypatch.setattr("portal.sync.kinds.create_order.prepare", prepare)
        deliver_batch(broken.hub, at=timezone.now(), threads=1)

        assert [row.attempts for row in OutboundMessage.objects.all()] == [1, 1]


class TestALateAnswer:
    def test_does_not_undo_what_somebody_else_has_done_since(self, message):  # R69
        OutboundMessage.objects.filter(pk=message.pk).update(state=State.SENT, claimed_at=None, lease_until=None)
        record_failure(message, OutcomeUnknown("No answer."), None, started_at=NOON)

        message.refresh_from_db()
        assert message.state == State.SENT
        assert DeliveryAttempt.objects.count() == 1


class TestAConnectionThatIsDown:
    @pytest.fixture
    def down(self, corridor):
        corridor.placed = corridor.place(count=4)
        corridor.read_orders()
        corridor.fault(corridor.warehouse, "down", times=None)
        for _ in range(4):
            corridor.send(corridor.hub, at=timezone.now() + timedelta(minutes=10))
            Connection.objects.update(probe_at=None)
        return corridor

    def test_is_one_case_however_many_orders_wait(self, down):  # E32, A14
        case = ExceptionCase.objects.get()

        assert (case.kind, case.owner, case.items_open) == ("E32", "ADM", 1)
        assert "goes by itself when it is back" in case.cause

    def test_is_asked_with_one_careful_call_and_not_with_the_whole_queue(self, down):  # A14
        Connection.objects.filter(pk=down.hub.pk).update(probe_at=None)
        assert deliver_batch(down.hub, at=timezone.now(), threads=1) == 1

    def test_is_left_alone_until_the_next_probe(self, down):
        Connection.objects.filter(pk=down.hub.pk).update(probe_at=timezone.now() + timedelta(minutes=1))

        assert deliver_batch(down.hub, at=timezone.now(), threads=1) == 0

    def test_lets_everything_go_and_closes_its_case_when_it_is_back(self, down):  # E32, R15
        down.mend()
        for _ in range(3):
            down.send(down.hub, at=timezone.now() + timedelta(minutes=10))

        down.hub.refresh_from_db()
        case = ExceptionCase.objects.get(kind="E32")
        assert [len(down.at_warehouse(order["orderNumber"])) for order in down.placed] == [1] * 4
        assert (down.hub.health, case.is_open, "answered" in case.proof) == (Health.OK, False, True)

    def test_folds_its_overdue_orders_into_one_case(self, down):  # E05, A14
        down.later(hours=1)

        case = ExceptionCase.objects.get(kind="E05")
        assert (case.items_open, case.incident_id) == (4, ExceptionCase.objects.get(kind="E32", fingerprint=f"connection:{down.hub.pk}").pk)


class TestAWrongCredential:
    @pytest.fixture
    def denied(self, corridor):
        corridor.hub.set_credentials({"api_key": "wrong"})
        corridor.hub.verified_at, corridor.hub.enabled = timezone.now(), True
        corridor.hub.save()
        corridor.placed = corridor.place()
        corridor.run()
        return corridor

    def test_is_a_case_at_once(self, denied):  # E32
        case = ExceptionCase.objects.get()

        assert (case.kind, "refused our credential" in case.cause) == ("E32", True)
        assert Connection.objects.get(pk=denied.hub.pk).health == Health.DENIED

    def test_loses_no_order(self, denied):  # R41
        denied.hub.set_credentials(CREDENTIALS["veeqo"])
        denied.hub.save()
        verify(denied.hub, by="test", at=timezone.now())
        Connection.objects.filter(pk=denied.hub.pk).update(enabled=True)
        denied.send(denied.hub, at=timezone.now() + timedelta(minutes=10))

        assert len(denied.at_warehouse(denied.placed[0]["orderNumber"])) == 1
        assert not ExceptionCase.objects.get(kind="E32").is_open

    def test_that_cannot_be_opened_is_the_same_case(self, corridor):  # E32
        Connection.objects.filter(pk=corridor.hub.pk).update(credentials_sealed="sealed with a key that is lost")
        corridor.place()
        corridor.run()

        case = ExceptionCase.objects.get()
        assert (case.kind, "cannot be opened" in case.cause) == ("E32", True)
        assert OutboundMessage.objects.get(kind="create_order").state == State.QUEUED
