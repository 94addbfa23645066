"""The evidence of a real case: requests and answers without people and secrets, and what the mapping said that they used."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator

import pytest
from django.test import Client

from connectors.sandbox.kit import Running
from exceptions.models import ExceptionCase
from mappings.models import ShipServiceMapping
from portal.connections.sealing import unseal
from portal.ledger.models import SalesOrder
from portal.sync.models import DeliveryAttempt
from tests.corridor import Corridor, run_simulators
from tests.people import person


@pytest.fixture(scope="session")
def simulators() -> Iterator[tuple[Running, Running]]:
    yield from run_simulators()


@pytest.fixture
def refused(db: None, simulators: tuple[Running, Running]) -> ExceptionCase:
    """The warehouse refuses an order, because its delivery method is none of theirs."""
    corridor = Corridor(*simulators)
    ShipServiceMapping.objects.filter(channel_code="standard").update(hub_code="999999")
    corridor.place()
    corridor.run()
    return ExceptionCase.objects.get(kind="E04")


def unpack(client: Client, case: ExceptionCase, username: str) -> dict[str, str]:
    client.force_login(person(username))
    archive = zipfile.ZipFile(io.BytesIO(client.post(f"/inbox/{case.pk}/bundle/").content))
    return {name: archive.read(name).decode() for name in archive.namelist()}


class TestTheEvidenceOfACase:
    def test_holds_each_try_with_its_request_and_answer(self, refused: ExceptionCase, client: Client) -> None:  # A11
        files = unpack(client, refused, "omar")
        [name] = [one for one in files if one.startswith("order-")]
        told = json.loads(files[name])

        assert name.endswith("Create-the-warehouse-order-try-1.json")
        assert any("POST" in one["title"] and "999999" in one["text"] for one in told["exchanges"])
        assert (told["try"], bool(told["sentence"])) == (1, True)

    def test_holds_what_the_mapping_said_then(self, refused: ExceptionCase, client: Client) -> None:  # A10, A11
        files = unpack(client, refused, "omar")
        used = [one for name, text in files.items() if name.startswith("order-") for one in json.loads(text)["mappings"]]
        [service] = [one for one in used if one["mapping_kind"] == "ship_service"]

        assert (service["value"], bool(service["history_id"])) == ("999999", True)
        assert "standard" in service["said"].values()
        assert service["said"]["saved"].endswith("UTC")

    def test_names_nobody_and_no_secret(self, refused: ExceptionCase, client: Client) -> None:  # A11
        order, told = SalesOrder.objects.get(), "".join(unpack(client, refused, "omar").values())

        assert order.email
        assert order.email not in told
        assert order.shipping_address["line1"] not in told
        assert not [secret for secret in unseal(refused.connection.credentials_sealed).values() if secret in told]  # type: ignore[union-attr]

    def test_leaves_the_tries_out_for_other_teams(self, refused: ExceptionCase, client: Client) -> None:
        assert not [name for name in unpack(client, refused, "finn") if name.startswith("order-")]


class TestTheTry:
    def test_says_in_words_which_mappings_it_used(self, refused: ExceptionCase, client: Client) -> None:  # A10
        client.force_login(person("omar"))
        tried = DeliveryAttempt.objects.select_related("message").get()
        page = client.get(f"/orders/{tried.message.order_id}/attempts/{tried.pk}/").content.decode()

        assert "a mapping says so" in page
        assert f"/mappings/ship_service/{ShipServiceMapping.objects.get(channel_code='standard').pk}/" in page
        assert "mapping_kind" not in page
