"""Tests of mappings.live: a vendor's list, or why there is none."""

from __future__ import annotations

import pytest

from connectors.canonical import Code, CodeKind
from connectors.errors import AccessDenied, RateLimited, Unavailable
from mappings import live


@pytest.fixture
def asked() -> list[str]:
    """How often the vendor was asked; each test registers what it answers."""
    return []


def answering(calls: list[str], *codes: Code, error: Exception | None = None):
    def provide(connection, kind):
        calls.append(connection.name)
        if error is not None:
            raise error
        return codes

    live.register(provide)


class TestALiveList:
    def test_is_asked_for_once_in_a_while(self, hub, asked):
        answering(asked, Code(CodeKind.CARRIER, "4", "DPD"))
        found = [live.codes(hub, CodeKind.CARRIER) for _ in range(3)]
        assert (len(asked), found[2].find("4").label, found[2].find("04")) == (1, "DPD", None)

    def test_is_asked_for_again_on_demand(self, hub, asked):
        answering(asked)
        live.codes(hub, CodeKind.CARRIER)
        live.codes(hub, CodeKind.CARRIER, fresh=True)
        assert len(asked) == 2

    @pytest.mark.parametrize(
        "error", [Unavailable("It is down."), AccessDenied("The key is wrong."), RateLimited("Too many calls."), LookupError("No connector.")]
    )
    def test_that_cannot_be_read_says_why(self, hub, asked, error):
        answering(asked, error=error)
        found = live.codes(hub, CodeKind.CARRIER)
        assert (found.codes, str(error) in found.reason) == ((), True)

    def test_does_not_hide_a_mistake_of_ours(self, hub, asked):
        answering(asked, error=ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            live.codes(hub, CodeKind.CARRIER)

    def test_that_nobody_provides_says_so(self, hub):
        assert live.codes(hub, CodeKind.CARRIER).reason == "Veeqo UK cannot be asked for its list here."

    def test_puts_switched_off_codes_last(self, hub, asked):
        answering(asked, Code(CodeKind.CARRIER, "1", "A", active=False), Code(CodeKind.CARRIER, "2", "b"), Code(CodeKind.CARRIER, "3", "B2"))
        assert [code.value for code in live.codes(hub, CodeKind.CARRIER).codes] == ["2", "3", "1"]
