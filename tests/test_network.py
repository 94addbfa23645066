"""The suite needs no network beyond this computer, and could not use one."""

from __future__ import annotations

import socket

import pytest
import requests

from tests.network import NetworkRefusedError

ELSEWHERE = "192.0.2.1"  # an address for documentation, nobody's (RFC 5737)


class TestTheNetwork:
    def test_refuses_an_address_elsewhere(self):
        with socket.socket() as door, pytest.raises(NetworkRefusedError, match=ELSEWHERE):
            door.connect((ELSEWHERE, 443))

    def test_refuses_an_address_elsewhere_when_asked_for_a_number(self):
        with socket.socket() as door, pytest.raises(NetworkRefusedError):
            door.connect_ex((ELSEWHERE, 443))

    def test_refuses_a_datagram(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door, pytest.raises(NetworkRefusedError):
            door.sendto(b"hello", (ELSEWHERE, 53))

    def test_refuses_an_ipv6_address(self):
        with socket.socket(socket.AF_INET6) as door, pytest.raises(NetworkRefusedError):
            door.connect(("2001:db8::1", 443))

    def test_refuses_to_look_up_a_name(self):
        with pytest.raises(NetworkRefusedError, match=r"example\.com"):
            socket.create_connection(("example.com", 443), timeout=1)

    def test_refuses_what_requests_would_fetch(self):
        with pytest.raises(requests.ConnectionError, match="tests may not look up"):
            requests.get("https://example.com/", timeout=1)

    def test_lets_this_computer_talk_to_itself(self):
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5) as door:
            assert door.getpeername() == server.getsockname()
