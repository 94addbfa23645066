"""Polling Veeqo's lists: two passes, filters on every page, an overlap, and a watermark that only a whole run moves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import ContractError, Rejected, Unavailable
from connectors.veeqo.dates import overlap_h
from tests.connectors.veeqo.scripted import Asked, Reply, connector, sample

NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)
SINCE = {"start_at": "2026-10-02T10:00:00Z", "overlap_hours": "2"}


def rows(count: int, *, start: int = 1, updated_at: str = "2026-10-02T11:00:00.000Z") -> list[dict[str, Any]]:
    return [{"id": start + number, "number": f"N-{start + number}", "updated_at": updated_at, "created_at": updated_at} for number in range(count)]


def paged(listing: list[dict[str, Any]], asked: Asked, *, cancelled: tuple[dict[str, Any], ...] = ()) -> Reply:
    if asked.path == "/current_company":
        return 200, {"id": 1, "settings": {"timezone": "Pacific Time (US & Canada)"}}
    whole = list(cancelled) if asked.value("status") == "cancelled" else listing
    page = int(asked.value("page"))
    return 200, whole[(page - 1) * 100 : page * 100], {"X-Total-Count": str(len(whole))}


def subjects(pages: list) -> list[str]:
    return [item.subject for page in pages for item in page.items]


class TestOrdersFeed:
    def test_reads_every_page_of_both_passes_with_every_filter(self):
        veeqo, http = connector(lambda asked: paged(rows(230), asked, cancelled=tuple(rows(1, start=900))), channel_ids="35250, 35251", **SINCE)

        pages = list(veeqo.poll("orders", "", until=NOON))

        assert len(set(subjects(pages))) == 231
        assert {asked.value("updated_at_min") for asked in http.asked} == {"2026-10-02 08:00:00"}
        assert all(("channel_ids[]", "35250") in asked.query and ("channel_ids[]", "35251") in asked.query for asked in http.asked)
        assert [asked.value("status") for asked in http.asked] == ["", "", "", "cancelled"]

    def test_moves_the_watermark_only_when_the_run_is_complete(self):  # R15
        veeqo, http = connector(lambda asked: paged(rows(150), asked), **SINCE)
        *during, last = list(veeqo.poll("orders", "", until=NOON))

        assert [json.loads(page.cursor)["since"] for page in during] == ["2026-10-02T10:00:00.000000Z"] * 2
        assert json.loads(last.cursor) == {"since": "2026-10-02T12:00:00.000000Z", "leg": 0, "page": 1}

        list(veeqo.poll("orders", last.cursor, until=NOON))
        assert http.asked[-1].value("updated_at_min") == "2026-10-02 10:00:00"

    def test_goes_on_after_a_crash_from_the_page_it_had(self):  # R15
        veeqo, _ = connector(lambda asked: paged(rows(350), asked), **SINCE)
        broken = veeqo.poll("orders", "", until=NOON)
        kept = [next(broken), next(broken)]

        rest = list(veeqo.poll("orders", kept[-1].cursor, until=NOON.replace(hour=18)))

        assert set(subjects(kept + rest)) == {str(number) for number in range(1, 351)}
        assert json.loads(rest[-1].cursor)["since"] == "2026-10-02T12:00:00.000000Z"

    def test_reads_a_page_again_when_rows_left_the_list(self):
        listing = rows(250)

        def reply(asked: Asked) -> Reply:
            answer = paged(listing, asked)
            if asked.value("page") == "1" and len(listing) == 250:
                del listing[10:20]  # cancelled meanwhile, so that ten rows move from page two to page one
            return answer

        veeqo, _ = connector(reply, **SINCE)

        assert set(subjects(list(veeqo.poll("orders", "", until=NOON)))) == {str(number) for number in range(1, 251)}

    def test_stops_when_the_date_filter_is_ignored(self):
        veeqo, _ = connector(lambda asked: paged(rows(1, updated_at="2026-09-01T00:00:00.000Z"), asked), **SINCE)

        with pytest.raises(ContractError) as caught:
            list(veeqo.poll("orders", "", until=NOON))
        assert "ignored the date filter updated_at_min" in caught.value.sentence

    def test_bears_rows_that_a_time_zone_explains_and_leaves_them_out(self):
        veeqo, _ = connector(lambda asked: paged(rows(1, updated_at="2026-10-02T07:00:00.000Z"), asked), **SINCE)

        assert subjects(list(veeqo.poll("orders", "", until=NOON))) == []

    def test_writes_dates_in_the_chosen_form(self):
        veeqo, http = connector(lambda asked: paged([], asked), date_form="iso", **SINCE)

        list(veeqo.poll("orders", "", until=NOON))

        assert http.asked[0].value("updated_at_min") == "2026-10-02T08:00:00Z"

    def test_asks_for_the_zone_once_a_day(self):
        veeqo, http = connector(lambda asked: paged([], asked), start_at="2026-10-02T10:00:00Z")

        first = list(veeqo.poll("orders", "", until=NOON))
        list(veeqo.poll("orders", first[-1].cursor, until=NOON))

        assert [asked.path for asked in http.asked].count("/current_company") == 1
        assert http.asked[1].value("updated_at_min") == "2026-10-02 01:00:00"  # 7 h west and 2 h

    def test_reads_everything_when_no_start_is_set(self):
        veeqo, http = connector(lambda asked: paged(rows(1, updated_at="2020-01-01T00:00:00.000Z"), asked))

        pages = list(veeqo.poll("orders", "", until=NOON))

        assert subjects(pages) == ["1"]
        assert json.loads(pages[-1].cursor)["since"] == "2026-10-02T12:00:00.000000Z"
        assert not http.asked[0].value("updated_at_min")

    def test_refuses_a_list_that_repeats_its_page(self):
        veeqo, _ = connector(lambda asked: (200, rows(100)), **SINCE)

        with pytest.raises(ContractError) as caught:
            list(veeqo.poll("orders", "", until=NOON))
        assert "page 1 of /orders again as page 2" in caught.value.sentence

    def test_takes_an_error_past_the_end_for_the_end(self):
        def reply(asked: Asked) -> Reply:
            return (200, rows(100)) if asked.value("page") == "1" and not asked.value("status") else (404, {"error_messages": "Not found"})

        veeqo, _ = connector(lambda asked: (200, []) if asked.value("status") else reply(asked), **SINCE)

        assert len(subjects(list(veeqo.poll("orders", "", until=NOON)))) == 100

    @pytest.mark.parametrize("answer", [(200, b"<html>Sign in</html>"), (200, b'[{"id": 1'), (200, "text"), (200, {"error": "odd"})])
    def test_concludes_nothing_from_what_is_no_list(self, answer):
        veeqo, _ = connector(lambda asked: answer, **SINCE)

        with pytest.raises(ContractError):
            list(veeqo.poll("orders", "", until=NOON))

    @pytest.mark.parametrize(("answer", "error"), [((400, {"error_messages": ["Infinity"]}), Rejected), (Unavailable("down"), Unavailable)])
    def test_lets_errors_through(self, answer, error):
        veeqo, _ = connector(lambda asked: answer, **SINCE)

        with pytest.raises(error):
            list(veeqo.poll("orders", "", until=NOON))

    def test_leaves_out_other_stores_orders(self):
        foreign = [*rows(1), {**rows(1, start=2)[0], "channel": {"id": 1}}]
        veeqo, _ = connector(lambda asked: paged(foreign, asked), channel_ids="35250", **SINCE)

        assert subjects(list(veeqo.poll("orders", "", until=NOON))) == ["1"]


class TestOtherFeeds:
    def test_sweep_the_orders_of_the_last_weeks(self):
        veeqo, http = connector(lambda asked: paged(rows(1), asked), sweep_days="10")

        pages = list(veeqo.poll("sweep", "", until=NOON))

        assert http.asked[0].value("created_at_min") == "2026-09-22 12:00:00"
        assert [page.items[0].topic for page in pages if page.items] == ["orders"] and pages[-1].cursor == ""

    def test_bring_only_orders_with_returns_for_returns(self):  # R84
        listing = [*rows(3), sample("order_with_return")]
        veeqo, _ = connector(lambda asked: paged(listing, asked))

        assert subjects(list(veeqo.poll("returns", "", until=NOON))) == ["91500321"]

    def test_read_stock_changes_by_the_products_time(self):
        product = sample("product") | {"updated_at": "2026-10-02T11:00:00.000Z"}
        veeqo, http = connector(lambda asked: paged([product], asked), **SINCE)

        pages = list(veeqo.poll("stock", "", until=NOON))

        assert http.asked[0].value("updated_at_min") == "2026-10-02 08:00:00"
        assert [level.available for level in veeqo.parse("stock", pages[0].items[0].body)] == [57, -4]

    def test_tell_the_same_levels_by_the_same_event(self):
        veeqo, _ = connector(lambda asked: paged([sample("product") | {"updated_at": "2026-10-02T11:00:00.000Z"}], asked), **SINCE)

        stock, snapshot = next(veeqo.poll("stock", "", until=NOON)), next(veeqo.poll("snapshot", "", until=NOON))

        assert stock.items[0].event_id == snapshot.items[0].event_id

    @pytest.mark.parametrize("feed", ["snapshot", "catalogue"])
    def test_page_through_all_products_lazily(self, feed):  # R16
        veeqo, http = connector(lambda asked: paged(rows(250), asked))
        pages = veeqo.poll(feed, "", until=NOON)

        first = next(pages)
        assert len(http.asked) == 1 and len(first.items) == 100
        rest = list(pages)
        assert len(subjects(rest)) == 150 and rest[-1].cursor == ""


class TestOverlap:
    @pytest.mark.parametrize(
        ("zone", "month", "hours"),
        [
            ("UTC", 1, 2),
            ("London", 7, 2),
            ("Europe/Berlin", 7, 2),
            ("Eastern Time (US & Canada)", 1, 7),
            ("Eastern Time (US & Canada)", 7, 6),
            ("Newfoundland", 1, 14),
            ("America/St_Johns", 1, 6),
            ("", 1, 14),
            ("../etc", 1, 14),
        ],
    )
    def test_is_two_hours_and_what_lies_west_of_utc(self, zone, month, hours):
        assert overlap_h(zone, at=datetime(2026, month, 20, tzinfo=UTC)) == hours

    def test_is_the_longer_one_around_the_change_of_the_clocks(self):
        assert overlap_h("America/New_York", at=datetime(2026, 3, 8, 20, tzinfo=UTC)) == 7
