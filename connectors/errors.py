"""What can go wrong with a vendor, sorted by what to do next."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, already redacted, kept as evidence (bodies cut at 64 KiB)."""

    method: str
    url: str
    status: int | None
    request_body: str = ""
    response_body: str = ""
    request_id: str = ""
    duration_ms: int = 0


@dataclass
class ConnectorError(Exception):
    """A vendor call that did not work: a sentence for the person, a detail and the exchange for the engineer."""

    sentence: str
    detail: str = ""
    exchange: Exchange | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass
class Unavailable(ConnectorError):
    """Nothing was done: the vendor is down or unreachable. Try again later."""


@dataclass
class RateLimited(ConnectorError):
    """Nothing was done: too many calls. Try again after `retry_after_s` (None: the vendor does not say)."""

    retry_after_s: float | None = None


@dataclass
class OutcomeUnknown(ConnectorError):
    """A write was sent and the answer never came: look before doing it again."""


@dataclass
class Rejected(ConnectorError):
    """The vendor understood and said no: a person must change something. `code` is the vendor's own."""

    code: str = ""
    fields: tuple[str, ...] = field(default=())


@dataclass
class Conflict(ConnectorError):
    """The thing changed under us more often than we were willing to re-read: re-evaluate later."""


@dataclass
class AccessDenied(ConnectorError):
    """The credential is wrong, expired or lacks a right: no call of this connection will work until it is mended."""


@dataclass
class ContractError(ConnectorError):
    """The vendor's answer is not what its record promises; nothing may be concluded from it."""
