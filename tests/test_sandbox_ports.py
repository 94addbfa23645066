"""Every simulator has a port of its own, and keeps it."""

from __future__ import annotations

from portal.management.commands.sandbox import builders
from portal.sandbox_ports import PLACES, port_of, url_of


class TestTheSandbox:
    def test_has_a_place_for_every_simulator(self):
        assert set(builders()) <= set(PLACES)
        assert builders()

    def test_gives_no_port_twice(self):
        assert len({port_of(vendor) for vendor in PLACES}) == len(PLACES)

    def test_follows_the_setting(self, settings):
        settings.SANDBOX_PORT = 9700

        assert url_of("veeqo") == "http://127.0.0.1:9702"
