"""Tests of mappings as files: out, dry run, in; all or nothing."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from connectors.canonical import Code, CodeKind
from mappings import changes, csv_apply, csv_file, live, orders
from mappings.csv_file import FileError
from mappings.csv_plan import plan
from mappings.kinds import KINDS
from mappings.models import CarrierMapping, ImportFile, ShipServiceMapping, SkuAlias, SkuMapping
from mappings.orders import NoOrders
from portal.accounts import approvals
from portal.accounts.models import ApprovalRequest
from portal.audit.models import AuditEvent
from portal.ledger.models import CatalogueItem
from tests.mappings.conftest import NOON

SKU = KINDS["sku"]


def exported(kind=SKU) -> str:
    return "".join(csv_file.write(kind.table.objects.order_by("pk"), kind))


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def as_file(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def new_row(channel_sku: str, hub_sku: str, *, scope: str = "UK", **told: str) -> list[str]:
    values = {"channel_sku": channel_sku, "hub_sku": hub_sku, "way_back": "no", **told}
    return ["", "", scope, *(values.get(name, "") for name in csv_file.header(SKU)[3:])]


def bring(rows: list[list[str]], by, kind=SKU) -> ImportFile:
    return csv_apply.keep(as_file([csv_file.header(kind), *rows]), name="skus.csv", kind=kind, by=by)


def fates(file: ImportFile) -> list[str]:
    return [planned.fate.value for planned in plan(file).rows]


class TestARoundTrip:
    @pytest.mark.parametrize("sku", ["=1+1", "'quoted", "007", " blank ", 'a,b"c\nd', "-5", "@x", "Ünï"])
    def test_changes_nothing(self, integration, mira, sku):
        SkuMapping.objects.create(integration=integration, channel_sku=sku, hub_sku="X", effective_from=NOON, note=sku)
        file = csv_apply.keep(exported().encode(), name="skus.csv", kind=SKU, by=mira)
        assert fates(file) == ["unchanged"]

    @pytest.mark.parametrize("slug", list(KINDS))
    def test_works_for_each_kind(self, integration, channel, ada, slug):
        changes.save(CarrierMapping(integration=integration, hub_carrier="4", channel_code="dpd"), by=ada, reason="x")
        ShipServiceMapping.objects.create(integration=integration, channel_code="a", hub_code="b")
        SkuAlias.objects.create(connection=channel, old="A", new="B")
        file = csv_apply.keep(exported(KINDS[slug]).encode(), name="f.csv", kind=KINDS[slug], by=ada)
        assert set(fates(file)) <= {"unchanged"}

    def test_never_hands_a_spreadsheet_a_formula(self, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="=cmd()", hub_sku="X")
        assert cells(exported())[1][3] == "'=cmd()"


class TestADryRun:
    def test_sorts_every_row_and_writes_nothing(self, integration, mira):
        same = SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="1")
        SkuMapping.objects.create(integration=integration, channel_sku="B", hub_sku="2")
        rows = cells(exported())[1:]
        rows[1][4] = "3"
        file = bring([*rows, new_row("C", "4"), new_row("D", "5", scope="Mars")], mira)
        assert fates(file) == ["unchanged", "changed", "new", "refused"]
        assert SkuMapping.objects.count() == 2
        same.refresh_from_db()
        assert same.hub_sku == "1"

    def test_names_row_and_reason(self, integration, mira):
        made = plan(bring([new_row("A", "1"), new_row("B", "1", scope="Mars")], mira))
        assert [(one.line.number, one.why) for one in made.rows if one.why] == [(3, "There is no integration called “Mars”.")]

    def test_refuses_a_row_that_changed_meanwhile(self, integration, mira):
        row = SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="1")
        rows = cells(exported())[1:]
        row.save()
        assert "Somebody changed this row" in plan(bring(rows, mira)).rows[0].why

    def test_refuses_a_changed_key(self, integration, mira):  # R73
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="1")
        rows = cells(exported())[1:]
        rows[0][3] = "B"
        assert "keeps its channel_sku" in plan(bring(rows, mira)).rows[0].why

    def test_refuses_overlaps_within_the_file_and_with_the_table(self, integration, mira):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="1")
        early, late = NOON.isoformat(), (NOON + timedelta(days=1)).isoformat()
        rows = [
            new_row("A", "2"),
            new_row("B", "1"),
            new_row("B", "2"),
            new_row("C", "1", effective_to=early),
            new_row("C", "2", effective_from=late),
        ]
        assert fates(bring(rows, mira)) == ["refused", "new", "refused", "new", "new"]

    def test_lets_a_row_make_room_for_another(self, integration, mira):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="1")
        rows = cells(exported())[1:]
        ends = csv_file.header(SKU).index("effective_to")
        rows[0][ends] = NOON.isoformat()
        assert fates(bring([*rows, new_row("A", "2", effective_from=NOON.isoformat())], mira)) == ["changed", "new"]

    @pytest.mark.parametrize(
        ("told", "why"),
        [
            ({"way_back": "perhaps"}, "must be yes or no"), ({"effective_from": "5.10."}, "a moment with its zone"),
            ({"effective_from": "2026-10-05T12:00:00"}, "a moment with its zone"), ({"hub_sku": ""}, "cannot be blank"),
            ({"hub_sku": "x" * 201}, "200 characters"),
        ],
    )  # fmt: skip
    def test_refuses_cells_that_cannot_be(self, integration, mira, told, why):
        assert why in plan(bring([new_row("A", **{"hub_sku": "1", **told})], mira)).rows[0].why

    def test_holds_targets_against_the_live_list(self, integration, omar):  # R61
        live.register(lambda connection, kind: [Code(kind, "dpd")] if kind is CodeKind.CARRIER else [])
        kind = KINDS["carrier"]
        names = csv_file.header(kind)[3:]
        rows = [
            ["", "", "UK", *(told.get(name, "") for name in names)]
            for told in ({"hub_carrier": "dpd", "channel_code": code} for code in ("dpd", "dpdd"))
        ]
        rows[1][names.index("store") + 3] = "de"
        made = plan(bring(rows, omar, kind))
        assert "has no channel_code that is exactly “dpdd”" in made.rows[1].why

    def test_holds_skus_against_the_catalogue(self, integration, hub, mira):  # R47
        CatalogueItem.objects.create(connection=hub, reference="1", sku="H-1")
        assert fates(bring([new_row("A", "H-1"), new_row("B", "h-1")], mira)) == ["new", "refused"]

    def test_takes_few_queries_whatever_the_rows(self, integration, mira, django_assert_max_num_queries):
        file = bring([new_row(f"S{n}", f"H{n}") for n in range(1000)], mira)
        with django_assert_max_num_queries(8):
            assert plan(file).counts["new"] == 1000


class TestAFile:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "first cell must be"), (b"a,b,c\n", "first cell must be"), (b"\xff\xfe\x00", "not UTF-8"), (b"a\x00b", "no text"),
            (b"lockstep carrier 1,version\n", "here belongs"), (b"lockstep sku 1,version\n", "The columns must be"),
        ],
    )  # fmt: skip
    def test_that_is_none_of_ours_is_refused_in_words(self, integration, mira, content, why):
        with pytest.raises(FileError, match=why):
            plan(csv_apply.keep(content, name="x.csv", kind=SKU, by=mira))

    def test_that_is_too_large_is_refused(self, mira):
        with pytest.raises(FileError, match="at most 10 MB"):
            csv_apply.keep(b"x" * (csv_file.MAX_BYTES + 1), name="x.csv", kind=SKU, by=mira)

    def test_is_taken_only_from_those_who_keep_the_table(self, omar):
        with pytest.raises(PermissionDenied):
            csv_apply.keep(b"", name="x.csv", kind=SKU, by=omar)


class TestApply:
    def test_writes_all_rows_with_history_and_audit(self, integration, mira):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="1")
        rows = cells(exported())[1:]
        rows[0][4] = "2"
        said = csv_apply.apply(bring([*rows, new_row("B", "3")], mira), by=mira, reason="spring range")
        changed, new = SkuMapping.objects.order_by("channel_sku")
        assert said.startswith("1 added, 1 changed")
        assert (changed.hub_sku, changed.history.count(), new.history.get().history_change_reason) == ("2", 2, "spring range")
        assert AuditEvent.objects.filter(action__startswith="mapping.").count() == 3

    def test_writes_nothing_when_one_row_is_refused(self, integration, mira):
        with pytest.raises(FileError, match="nothing was changed"):
            csv_apply.apply(bring([new_row("A", "1"), new_row("A", "2")], mira), by=mira, reason="x")
        assert not SkuMapping.objects.exists()

    def test_happens_once(self, integration, mira):
        file = bring([new_row("A", "1")], mira)
        csv_apply.apply(file, by=mira, reason="x")
        with pytest.raises(FileError, match="applied already"):
            csv_apply.apply(file, by=mira, reason="x")
        assert SkuMapping.objects.count() == 1


class Busy(NoOrders):
    """Many orders went out by whatever is asked about."""

    def count_used(self, kind, mapping_ids, *, since):
        return 5000


class TestAFileThatTouchesManyOrders:
    @pytest.fixture
    def file(self, integration, mira):
        SkuMapping.objects.create(integration=integration, channel_sku="A", hub_sku="1")
        rows = cells(exported())[1:]
        rows[0][4] = "2"
        orders.register(Busy())
        return bring(rows, mira)

    def test_waits_for_a_second_person(self, file, mira):  # requirements 4.2
        assert csv_apply.apply(file, by=mira, reason="renamed").startswith("Asked")
        assert SkuMapping.objects.get().hub_sku == "1"
        assert "5000 recent orders" in ApprovalRequest.objects.get().summary

    def test_is_applied_when_approved(self, file, mira, ada):
        csv_apply.apply(file, by=mira, reason="renamed")
        wish = approvals.approve(ApprovalRequest.objects.get().pk, by=ada)
        assert wish.outcome.startswith("0 added, 1 changed")
        assert SkuMapping.objects.get().history.first().history_user == mira
