"""Mail at once: one for a case and each change of it, to the lists that were set, through a real mail server (R125, R126, R129, A14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from exceptions.cases import CaseEntry, NewCase, clear_items, open_case, open_cases
from exceptions.models import CaseNotice, ExceptionCase, OutgoingNotice
from exceptions.notices import composing, outbox
from portal.connections.models import Integration
from tests.exceptions.conftest import NOON
from tests.exceptions.notices.failing import LATE, fail
from tests.exceptions.notices.mail_server import MailServer

OPS, BOSS = "ops@shop.example", "boss@shop.example"  # the list of the fixture `integration`


def down(integration: Integration, at=NOON) -> ExceptionCase:
    hub = integration.hub
    entry = CaseEntry(f"connection:{hub.pk}", str(hub), at)
    return open_case("E32", fingerprint=f"connection:{hub.pk}", cause=f"{hub} does not work.", items=[entry], connection=hub, at=at)


def tell(at=LATE) -> int:
    composing.compose(at=at)
    return outbox.send_due(at=at + timedelta(seconds=1))


class TestMailAtOnce:
    def test_tells_each_address_of_an_error(self, integration, mail_server):  # R125, R126
        case = fail(integration)
        tell()
        mail = mail_server.post.to(OPS)[0]

        assert mail_server.post.subjects(BOSS) == mail_server.post.subjects(OPS)
        assert mail["Subject"] == "[Lockstep] S1 Order did not get through: WEB-1: the warehouse says no."
        assert f"/inbox/{case.pk}/" in mail.get_content()
        assert "What to do:" in mail.get_content()

    def test_links_to_the_portals_own_address(self, integration, mail_server, settings):
        settings.PUBLIC_URL = "https://lockstep.example.com"
        case = fail(integration)
        tell()

        assert f"https://lockstep.example.com/inbox/{case.pk}/" in mail_server.post.to(OPS)[0].get_content()

    @pytest.mark.parametrize("kind", ["E04", "E17"])
    def test_tells_of_errors_both_ways(self, integration, mail_server, kind):  # R125: import or export
        fail(integration, kind=kind)

        assert tell() == 2

    def test_is_not_sent_while_it_is_off(self, integration, mail_server):  # R125
        Integration.objects.update(instant_errors=False)
        fail(integration)

        assert tell() == 0
        assert not CaseNotice.objects.exists()

    def test_is_not_sent_for_another_integration(self, integration, mail_server):
        other = Integration.objects.create(name="Other", channel=integration.hub, hub=integration.channel)
        fail(other)

        assert tell() == 0

    def test_is_one_for_a_case_however_often_it_happens(self, integration, mail_server):
        for minute in range(5):
            fail(integration, at=NOON + timedelta(seconds=minute))
            tell(LATE + timedelta(minutes=minute))

        assert len(mail_server.post.to(OPS)) == 1

    def test_is_sent_again_when_a_case_comes_back(self, integration, mail_server):
        case = fail(integration)
        tell()
        clear_items(subjects=[item.subject for item in case.items.all()], proof={"seen": "there"}, at=LATE)
        tell(LATE + timedelta(minutes=1))
        fail(integration, at=LATE + timedelta(minutes=2))
        tell(LATE + timedelta(minutes=9))

        assert [subject.split()[1] for subject in mail_server.post.subjects(OPS)] == ["S1", "Over:", "S1"]
        assert "CAME BACK" in mail_server.post.to(OPS)[2].get_content()

    def test_says_when_it_is_over_and_why(self, integration, mail_server):
        case = fail(integration)
        tell()
        clear_items(subjects=[item.subject for item in case.items.all()], proof={"seen": "there"}, at=LATE)
        tell(LATE + timedelta(minutes=1))

        assert mail_server.post.subjects(OPS)[1] == f"[Lockstep] Over: Order did not get through (#{case.pk})"
        assert not CaseNotice.objects.exists()

    def test_is_not_said_twice_by_two_workers(self, integration, mail_server):
        fail(integration)
        made = [composing.compose(at=LATE) for _ in range(2)]

        assert made == [2, 0]

    def test_is_not_kept_when_the_case_is_taken_back_with_its_transaction(self, integration):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            fail(integration)
            1 / 0  # noqa: B018

        assert not CaseNotice.objects.exists()

    def test_has_no_line_breaks_in_its_subject(self, integration, mail_server):
        fail(integration, cause="Bad\nBcc: everybody@shop.example\r\n order")
        tell()

        assert len(mail_server.post.arrived) == 2
        assert "Bcc: everybody" in mail_server.post.subjects(OPS)[0]


class TestAStorm:
    def test_of_a_thousand_orders_behind_one_cause_is_one_mail(self, integration, mail_server):  # A14, section 7
        for start in range(10):
            fail(integration, items=100 * (start + 1), kind="E16", cause="The carrier “DPD Local” is not mapped.")
        tell()

        assert len(mail_server.post.to(OPS)) == 1
        assert "1,000 items" in mail_server.post.to(OPS)[0].get_content()

    def test_of_a_thousand_cases_behind_a_dead_connection_is_one_mail_and_one_at_the_end(self, integration, mail_server):  # A14
        incident = down(integration)
        several = [
            NewCase("E04", f"create:{number}", f"WEB-{number}: it does not answer.", NOON, [CaseEntry(f"order:{number}", f"WEB-{number}", NOON)],
                    integration=integration, connection=integration.hub)
            for number in range(1000)
        ]  # fmt: skip
        open_cases(several)
        tell()
        during = len(mail_server.post.to(OPS))
        body = mail_server.post.to(OPS)[0].get_content()
        clear_items("E32", subjects=[f"connection:{integration.hub_id}"], proof={"answered": "12:05"}, at=LATE)
        clear_items("E04", subjects=[f"order:{number}" for number in range(1000)], proof={"seen": "there"}, at=LATE)
        for minutes in range(1, 12, 5):
            tell(LATE + timedelta(minutes=minutes))

        assert (during, len(mail_server.post.to(OPS))) == (1, 2)
        assert "1000 other cases wait under it" in body
        assert mail_server.post.subjects(OPS)[1].startswith(f"[Lockstep] Over: Connection down or silent (#{incident.pk})")

    def test_that_leaves_cases_open_tells_of_them_after_the_recovery(self, integration, mail_server):  # A14
        down(integration)
        fail(integration)
        tell()
        clear_items("E32", subjects=[f"connection:{integration.hub_id}"], proof={"answered": "12:05"}, at=LATE)
        for minutes in (1, 6):
            tell(LATE + timedelta(minutes=minutes))

        assert any("Order did not get through" in subject for subject in mail_server.post.subjects(OPS))

    def test_of_many_causes_at_once_is_one_mail(self, integration, mail_server):
        for number in range(40):
            fail(integration, fingerprint=f"order:{number}", cause=f"WEB-{number} was refused.")
        tell()

        assert mail_server.post.subjects(OPS) == ["[Lockstep] 40 new"]
        assert "And 10 more" in mail_server.post.to(OPS)[0].get_content()


class TestExcludedMessages:
    @pytest.mark.parametrize("pattern", ["says no", "WEB-* no.", "*WAREHOUSE*"])
    def test_stay_out_of_the_mail_and_in_the_inbox(self, integration, mail_server, pattern):  # R129
        Integration.objects.update(exclude_patterns=[pattern])
        case = fail(integration)

        assert tell() == 0
        assert ExceptionCase.objects.get(pk=case.pk).is_open

    def test_do_not_keep_others_out(self, integration, mail_server):  # R129
        Integration.objects.update(exclude_patterns=["something else*"])
        fail(integration)

        assert tell() == 2


class TestAMailServerThatIsAway:
    def test_loses_nothing(self, integration, mail_server: MailServer):
        fail(integration)
        mail_server.stop()
        during = tell()
        waiting = OutgoingNotice.objects.filter(sent_at=None)
        assert (during, waiting.count()) == (0, 2)
        assert all(row.last_error for row in waiting)
        mail_server.start()
        outbox.send_due(at=LATE + timedelta(hours=2))

        assert [len(mail_server.post.to(address)) for address in (OPS, BOSS)] == [1, 1]

    def test_is_asked_less_and_less_often(self, integration, mail_server):
        fail(integration)
        mail_server.stop()
        tell()
        mail_server.start()

        assert outbox.send_due(at=LATE + timedelta(seconds=30)) == 0

    def test_that_refuses_one_address_still_serves_the_other(self, integration, mail_server):
        mail_server.post.refuses = {BOSS}
        fail(integration)
        tell()
        refused = OutgoingNotice.objects.get(address=BOSS)

        assert len(mail_server.post.to(OPS)) == 1
        assert "nobody of that name" in refused.last_error
        assert refused.sent_at is None

    def test_gets_one_message_of_one_id_from_a_worker_that_died(self, integration, mail_server):
        fail(integration)
        composing.compose(at=LATE)
        rows = outbox.claim(at=LATE)
        again = outbox.claim(at=LATE)
        taken_over = outbox.claim(at=LATE + timedelta(minutes=10))

        assert (len(rows), again) == (2, [])
        assert {row.key for row in taken_over} == {row.key for row in rows}
