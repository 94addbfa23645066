"""What could not be read can be read again, from the case's own button."""

from __future__ import annotations

from django.utils import timezone

from connectors.canonical import Received
from exceptions.models import ExceptionCase
from portal.sync.case_actions import retry
from portal.sync.interpret import interpret_batch
from portal.sync.models import InboundMessage
from portal.sync.receive import receive
from tests.people import person


class TestABodyNobodyCouldRead:
    def test_is_put_back_in_line_by_send_again(self, corridor):  # R29, R41
        receive([Received("orders", "broken@1", "broken", b"{not json")], connection=corridor.channel, door="poll", at=timezone.now())
        interpret_batch(corridor.channel, at=timezone.now())
        case = ExceptionCase.objects.get(kind="E04")
        failed = InboundMessage.objects.get(subject="broken").state

        said = retry.run(case, person("omar"), {})

        assert failed == "failed"
        assert InboundMessage.objects.get(subject="broken").state == "new"
        assert "on the way" in said
