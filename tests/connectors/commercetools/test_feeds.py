"""Reading feeds: no change is missed, no cursor runs ahead, and the same observation has the same name."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.canonical import Page
from connectors.commercetools.settings import stamp
from connectors.errors import AccessDenied, ContractError, Rejected
from tests.connectors.commercetools.scripted import UNTIL, Asked, Reply, connector, page, refusal, sample

OLD = UNTIL - timedelta(hours=1)


def order(number: int, at: datetime, **changes: Any) -> dict[str, Any]:
    return sample("order_shipped_in_part", id=f"o-{number}", version=1, lastModifiedAt=stamp(at.isoformat()), **changes)


class Shelf:
    """A list endpoint that keeps to sort, compound cursor, upper bound and limit."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = list(items)

    def __call__(self, asked: Asked) -> Reply:
        [where] = asked.values("where") or [""]
        after = re.search(r'> "([^"]+)" or \(\w+ = "[^"]+" and id > "([^"]+)"', where)
        least = re.search(r'>= "([^"]+)"', where)
        most = re.search(r'<= "([^"]+)"', where)
        found = sorted(self.items, key=place)
        found = [item for item in found if not after or place(item) > after.groups()]
        found = [item for item in found if not least or place(item)[0] >= least[1]]
        found = [item for item in found if not most or place(item)[0] <= most[1]]
        limit = int(asked.values("limit")[0])
        return page(*found[:limit], limit=limit)


def place(item: dict[str, Any]) -> tuple[str, str]:
    return item["lastModifiedAt"], item["id"]


def subjects(pages: list[Page]) -> list[str]:
    return [item.subject for each in pages for item in each.items]


class TestTheOrdersFeed:
    def test_pages_through_orders_of_the_same_moment(self) -> None:
        channel, script = connector(Shelf(*(order(n, OLD) for n in range(7))), page_size="2")

        assert subjects(list(channel.poll("orders", "", until=UNTIL))) == [f"o-{n}" for n in range(7)]
        assert len(script.asked) == 4

    def test_goes_on_from_any_pages_cursor_without_a_gap(self) -> None:
        channel, _ = connector(Shelf(*(order(n, OLD + timedelta(minutes=n // 2)) for n in range(9))), page_size="2")
        first = next(iter(channel.poll("orders", "", until=UNTIL)))

        rest = list(channel.poll("orders", first.cursor, until=UNTIL))

        assert {*subjects([first]), *subjects(rest)} == {f"o-{n}" for n in range(9)}

    def test_looks_again_at_the_last_minute_for_what_became_visible_late(self) -> None:
        shelf = Shelf(order(1, OLD), order(2, UNTIL - timedelta(seconds=5)))
        channel, _ = connector(shelf)
        [seen] = channel.poll("orders", "", until=UNTIL)
        shelf.items.append(order(3, UNTIL - timedelta(seconds=20)))

        again = list(channel.poll("orders", seen.cursor, until=UNTIL + timedelta(minutes=2)))

        assert "o-3" in subjects(again)

    def test_trusts_the_servers_clock_where_ours_is_ahead(self) -> None:
        shelf = Shelf(order(1, UNTIL))
        channel, _ = connector(shelf)
        [seen] = channel.poll("orders", "", until=UNTIL + timedelta(minutes=10))

        assert json.loads(seen.cursor)["at"] == stamp((UNTIL - timedelta(seconds=60)).isoformat())

    def test_never_moves_a_cursor_back(self) -> None:
        kept = json.dumps({"at": stamp((UNTIL - timedelta(seconds=10)).isoformat()), "id": ""})
        channel, _ = connector(Shelf(order(1, UNTIL - timedelta(seconds=5))))

        [seen] = channel.poll("orders", kept, until=UNTIL)

        assert json.loads(seen.cursor) == json.loads(kept)

    def test_starts_where_the_option_says(self) -> None:
        channel, script = connector(Shelf(order(1, OLD), order(2, OLD - timedelta(days=9))), start_at="2026-03-04T00:00:00Z")

        assert subjects(list(channel.poll("orders", "", until=UNTIL))) == ["o-1"]
        assert 'lastModifiedAt >= "2026-03-04T00:00:00.000Z"' in script.asked[0].values("where")[0]

    def test_asks_every_page_for_the_chosen_stores_and_no_total(self) -> None:
        channel, script = connector(Shelf(*(order(n, OLD) for n in range(3))), page_size="1", store_keys='uk, d"e')
        list(channel.poll("orders", "", until=UNTIL))

        assert all('store(key in ("uk", "d\\"e"))' in asked.values("where")[0] for asked in script.asked)
        assert all(asked.values("withTotal") == ["false"] and not asked.values("offset") for asked in script.asked)

    def test_asks_for_less_when_an_answer_is_too_large(self) -> None:
        shelf = Shelf(*(order(n, OLD) for n in range(5)))

        def reply(asked: Asked) -> Reply:
            return (413, b"too large") if int(asked.values("limit")[0]) > 20 else shelf(asked)

        channel, _ = connector(reply, page_size="100")
        assert len(subjects(list(channel.poll("orders", "", until=UNTIL)))) == 5

    def test_reads_on_where_the_server_applies_a_smaller_limit(self) -> None:
        shelf = Shelf(*(order(n, OLD) for n in range(5)))
        channel, _ = connector(lambda asked: shelf(Asked(asked.method, asked.path, capped(asked.query), None, {})), page_size="100")

        assert len(subjects(list(channel.poll("orders", "", until=UNTIL)))) == 5

    def test_stops_rather_than_going_round_in_circles(self) -> None:
        channel, _ = connector(lambda asked: page(order(1, OLD), limit=1), page_size="1")

        with pytest.raises(ContractError, match="same page"):
            list(channel.poll("orders", "", until=UNTIL))

    @pytest.mark.parametrize("body", [{"count": 0}, {"results": "none"}, {"results": [1]}])
    def test_takes_no_answer_without_results_for_an_empty_one(self, body: Any) -> None:
        with pytest.raises(ContractError):
            list(connector(lambda asked: (200, body))[0].poll("orders", "", until=UNTIL))

    def test_refuses_a_damaged_cursor(self) -> None:
        with pytest.raises(ContractError):
            list(connector(Shelf())[0].poll("orders", "not json", until=UNTIL))


def capped(query: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, "2" if name == "limit" else value) for name, value in query]


class TestTheNameOfAnObservation:
    def test_changes_with_the_order_and_with_its_payments(self) -> None:
        body = sample("order_paid_with_gift", lastModifiedAt=stamp(OLD.isoformat()))
        newer = json.loads(json.dumps(body))
        newer["paymentInfo"]["payments"][0]["obj"]["version"] = 4
        names = [next(iter(connector(Shelf(each))[0].poll("orders", "", until=UNTIL))).items[0].event_id for each in (body, body, newer)]

        assert names[0] == names[1] != names[2]

    def test_of_stock_changes_with_the_quantities(self) -> None:
        entry = sample("inventory_entry")
        names = {
            next(iter(connector(Shelf(each))[0].poll("stock", "", until=UNTIL))).items[0].event_id
            for each in (entry, entry, {**entry, "availableQuantity": 9})
        }

        assert len(names) == 2


class TestThePaymentsFeed:
    def test_brings_the_orders_of_changed_payments(self) -> None:
        payment = {"id": "pay-1", "version": 2, "lastModifiedAt": stamp(OLD.isoformat())}

        def reply(asked: Asked) -> Reply:
            return page(payment) if asked.path == "/payments" else page(order(1, OLD))

        channel, script = connector(reply)
        pages = list(channel.poll("payments", "", until=UNTIL))

        assert (subjects(pages), pages[0].items[0].topic) == (["o-1"], "orders")
        assert script.asked[-1].values("where") == ['paymentInfo(payments(id in ("pay-1")))']

    def test_is_empty_for_a_client_that_may_not_read_payments(self) -> None:
        channel, _ = connector(lambda asked: (403, {"message": "Insufficient scope.", "error": "insufficient_scope"}))

        assert list(channel.poll("payments", "", until=UNTIL)) == []

    def test_does_not_hide_that_orders_may_not_be_read(self) -> None:
        channel, _ = connector(lambda asked: (403, {"message": "Insufficient scope.", "error": "insufficient_scope"}))

        with pytest.raises(AccessDenied):
            list(channel.poll("orders", "", until=UNTIL))


class TestTheMessagesFeed:
    MESSAGES = (
        {"id": "m-1", "resource": {"typeId": "order", "id": "o-1"}, "type": "OrderStateChanged", "createdAt": stamp(OLD.isoformat())},
        {"id": "m-2", "resource": {"typeId": "payment", "id": "pay-9"}, "type": "PaymentTransactionAdded", "createdAt": stamp(OLD.isoformat())},
        {"id": "m-3", "resource": {"typeId": "order", "id": "o-1"}, "type": "DeliveryAdded", "createdAt": stamp(OLD.isoformat())},
    )

    def reply(self, asked: Asked) -> Reply:
        if asked.path == "/messages":
            return page(*self.MESSAGES)
        return page(order(9 if "pay-9" in asked.values("where")[0] else 1, OLD))

    def test_reads_each_order_spoken_of_once(self) -> None:
        channel, _ = connector(self.reply, poll_messages="true")

        assert sorted(subjects(list(channel.poll("messages", "", until=UNTIL)))) == ["o-1", "o-9"]

    def test_asks_nothing_while_it_is_off(self) -> None:
        channel, script = connector(self.reply)

        assert list(channel.poll("messages", "", until=UNTIL)) == []
        assert script.asked == []


class TestAFullFeed:
    def test_reads_everything_by_id_after_the_last_of_each_page(self) -> None:
        entries = [sample("inventory_entry", id=ident) for ident in ("c", "a", "b")]  # the server's order of ids is its own

        def reply(asked: Asked) -> Reply:
            after = re.search(r'id > "(\w)"', (asked.values("where") or [""])[0])
            start = [entry["id"] for entry in entries].index(after[1]) + 1 if after else 0
            return page(*entries[start : start + 1], limit=1)

        channel, script = connector(reply)
        pages = list(channel.poll("snapshot", "", until=UNTIL))

        assert subjects(pages) == ["c", "a", "b"]
        assert {tuple(asked.values("sort")) for asked in script.asked} == {("id asc",)}

    def test_goes_on_after_a_crash(self) -> None:
        channel, script = connector(lambda asked: page())
        list(channel.poll("snapshot", json.dumps({"at": "", "id": "x"}), until=UNTIL))

        assert script.asked[0].values("where") == ['id > "x"']

    def test_of_products_asks_for_variants_in_a_modular_project(self) -> None:
        def reply(asked: Asked) -> Reply:
            return (200, {"key": "demo-shop", "productCatalogModel": "Modular"}) if asked.path in ("", "/") else page()

        channel, script = connector(reply)
        list(channel.poll("catalogue", "", until=UNTIL))

        assert script.asked[-1].path == "/variant-projections"

    def test_of_products_honours_the_staged_option(self) -> None:
        channel, script = connector(lambda asked: page(), staged="false", catalogue_model="Classic")
        list(channel.poll("catalogue", "", until=UNTIL))

        assert (script.asked[-1].path, script.asked[-1].values("staged")) == ("/product-projections", ["false"])

    def test_passes_a_refusal_on(self) -> None:
        with pytest.raises(Rejected, match="Malformed parameter"):
            list(connector(lambda asked: refusal("InvalidInput", "Malformed parameter: where"))[0].poll("snapshot", "", until=UNTIL))


def test_times_are_written_as_commercetools_writes_them() -> None:
    assert stamp(datetime(2026, 3, 4, 9, 5, 7, 89_999, tzinfo=UTC).isoformat()) == "2026-03-04T09:05:07.089Z"
