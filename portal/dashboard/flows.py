"""Connections and the flows through them: who answers, and when each flow last showed life."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.connections.models import Connection, Health
from portal.ledger.models import Heartbeat
from portal.sync.models import Cursor
from portal.sync.sweep import SILENCE_GRACE

TONES = {Health.OK: "good", Health.DOWN: "bad", Health.DENIED: "bad", Health.UNKNOWN: "quiet"}


@dataclass(frozen=True)
class Flow:
    """One flow. `silent`: its last beat is longer ago than it should be. `note`: what went wrong at its last try."""

    label: str
    beat_at: datetime
    every_s: int
    silent: bool
    note: str = ""


@dataclass(frozen=True)
class ConnectionShown:
    """A connection with its flows, the silent ones first."""

    connection: Connection
    flows: list[Flow] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return TONES[Health(self.connection.health)] if self.connection.enabled else "quiet"

    @property
    def word(self) -> str:
        return str(self.connection.get_health_display()) if self.connection.enabled else "off"

    @property
    def silent(self) -> list[Flow]:
        return [flow for flow in self.flows if flow.silent]

    @property
    def needs_a_look(self) -> bool:
        return self.connection.enabled and (self.tone == "bad" or bool(self.silent))

    @property
    def last_beat_at(self) -> datetime | None:
        return max((flow.beat_at for flow in self.flows), default=None)


def connections(at: datetime) -> list[ConnectionShown]:
    """Every present connection, the troubled ones first; three queries."""
    notes = {f"poll:{one.connection_id}:{one.feed}": one.note for one in Cursor.objects.exclude(note="").only("connection", "feed", "note")}
    flows: dict[int | None, list[Flow]] = {}
    for beat in Heartbeat.objects.order_by("beat_at"):
        silent = at - beat.beat_at > timedelta(seconds=beat.every_s) + SILENCE_GRACE  # when the case comes, and not before
        flows.setdefault(beat.connection_id, []).append(Flow(_plain(beat), beat.beat_at, beat.every_s, silent, notes.get(beat.flow, "") or beat.note))
    shown = [
        ConnectionShown(one, sorted(flows.get(one.pk, []), key=lambda flow: (not flow.silent, flow.label))) for one in Connection.objects.present()
    ]
    return sorted(shown, key=lambda one: (not one.needs_a_look, not one.connection.enabled, one.connection.name))


def _plain(beat: Heartbeat) -> str:
    """“orders” rather than “Veeqo Leeds: orders”: the connection is told beside it."""
    return (beat.label or beat.flow).rpartition(": ")[2]
