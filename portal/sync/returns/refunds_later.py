"""A refund that cannot be made now: why, how soon it is tried again, and the case of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.errors import ConnectorError, Rejected
from portal.ledger.models import ReturnFlow
from portal.sync.models import OutboundMessage
from portal.sync.returns import watching

# What a channel says → seconds until the next try, whether a person should know, and what we say to them.
# Mirakl: “The shop does not have a sufficient payable balance for the refund”, “A refund is already being processed on this order line”.
LATER: tuple[tuple[str, float, bool, str], ...] = (
    ("sufficient payable balance", 3600.0, True, "The shop's balance there is too low for it. It is tried again every hour and goes by itself."),
    ("already being processed", 600.0, False, "Another refund of this line is still on its way there; this one follows."),
    ("has not been debited", 1800.0, True, "The customer has not been charged yet, so there is nothing to give back. It is tried again by itself."),
)


@dataclass
class PutOff(Rejected):
    """The channel says not now. `is_case`: somebody should know."""

    seconds: float = 3600.0
    is_case: bool = True


def put_off(error: Rejected) -> Rejected:
    """The same refusal, as something to try again where time heals it."""
    said = f"{error.sentence} {error.detail}".lower()
    for words, seconds, is_case, sentence in LATER:
        if words in said:
            return PutOff(sentence, detail=error.detail, exchange=error.exchange, code=error.code, seconds=seconds, is_case=is_case)
    return error


def complain(message: OutboundMessage, error: ConnectorError, *, at: datetime) -> None:
    """E26 now, without waiting for its clock: the goods are here, and the channel does not pay."""
    flow = ReturnFlow.objects.select_related("order", "integration", "connection").filter(pk=int(message.subject.partition(":")[2])).first()
    if flow is not None:
        watching.complain(flow, at=at, why=error.sentence)
