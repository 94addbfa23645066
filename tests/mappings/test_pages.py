"""Tests of the mapping pages: who may come in, what is shown, what a button does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from connectors.canonical import Code, CodeKind
from connectors.errors import Unavailable
from mappings import changes, live, orders, whatif
from mappings.errors import UnmappedCode
from mappings.models import ImportFile, MappingUse, MissingRule, SeenCode, ShipServiceMapping, SkuAlias, SkuMapping, WarehouseMapping
from mappings.orders import NoOrders, Waiting
from mappings.usage import seen
from mappings.whatif import Change, Outlook
from portal.ledger.models import CatalogueItem
from tests.mappings.conftest import NOON

SERVICES = [Code(CodeKind.SHIP_SERVICE, "77", "Next day"), Code(CodeKind.SHIP_SERVICE, "78", "express")]


@pytest.fixture
def lists():
    live.register(lambda connection, kind: SERVICES if connection.system == "veeqo" and kind is CodeKind.SHIP_SERVICE else [])


@pytest.fixture
def waiting(integration) -> SeenCode:
    seen(UnmappedCode(kind=CodeKind.SHIP_SERVICE, value="express", label="Express delivery", integration=integration, direction="to_hub", store="uk"))
    return SeenCode.objects.get()


def as_(client, person):
    client.force_login(person)
    return client


class TestThePages:
    @pytest.mark.parametrize("name", ["mappings:list", "mappings:unmapped"])
    def test_are_for_people_with_a_role(self, client, omar, nell, name):
        assert as_(client, omar).get(reverse(name)).status_code == 200
        assert as_(client, nell).get(reverse(name)).status_code == 403

    @pytest.mark.parametrize("slug", ["carrier", "ship_service", "store", "warehouse", "sku", "sku_alias"])
    def test_exist_for_each_kind(self, client, ada, integration, slug):
        client.force_login(ada)
        pages = [reverse(f"mappings:{name}", args=[slug]) for name in ("kind", "add", "export", "import")]
        assert [client.get(page).status_code for page in pages] == [200] * 4

    def test_know_no_other_kind(self, client, ada):
        assert as_(client, ada).get("/mappings/teapot/").status_code == 404

    def test_refuse_a_change_by_those_who_only_read(self, client, mira, integration):
        row = ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="77")
        client.force_login(mira)
        pages = [
            reverse("mappings:add", args=["ship_service"]),
            *(reverse(f"mappings:{name}", args=["ship_service", row.pk]) for name in ("edit", "end")),
        ]
        assert [client.post(page, {"reason": "x"}).status_code for page in pages] == [403] * 3
        assert "Change</a>" not in client.get(reverse("mappings:row", args=["ship_service", row.pk])).content.decode()


class TestTheOverview:
    def test_says_how_well_codes_are_covered(self, client, omar, integration, waiting):  # A10
        MappingUse.objects.create(integration=integration, mapping_kind="sku", how="mapping", uses=25)
        MappingUse.objects.create(integration=integration, mapping_kind="sku", how="identity", uses=75)
        page = as_(client, omar).get(reverse("mappings:list")).content.decode()
        assert "25 %" in page
        assert "1 code to map" in page

    def test_takes_as_many_queries_for_many_integrations(self, client, ada, integration, django_assert_max_num_queries):
        client.force_login(ada)
        with django_assert_max_num_queries(16):
            assert client.get(reverse("mappings:list")).status_code == 200


class TestTheList:
    def test_finds_by_beginning_and_exactly(self, client, mira, integration):
        for sku in ("AB-1", "AB-2", "ab-3", "B_AB"):
            SkuMapping.objects.create(integration=integration, channel_sku=sku, hub_sku=f"H-{sku}")
        found = as_(client, mira).get(reverse("mappings:kind", args=["sku"]), {"q": "AB"}).context["rows"]
        assert [listed.row.channel_sku for listed in found] == ["AB-1", "AB-2"]
        by_hub = client.get(reverse("mappings:kind", args=["sku"]), {"q": "H-ab", "side": "hub_sku"}).context["rows"]
        assert [listed.row.channel_sku for listed in by_hub] == ["ab-3"]

    def test_reads_wildcards_as_letters(self, client, mira, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="AB", hub_sku="1")
        assert as_(client, mira).get(reverse("mappings:kind", args=["sku"]), {"q": "%"}).context["rows"] == []

    def test_pages_without_counting(self, client, mira, integration, django_assert_max_num_queries):
        SkuMapping.objects.bulk_create([SkuMapping(integration=integration, channel_sku=f"S{n:03}", hub_sku="X") for n in range(120)])
        first = as_(client, mira).get(reverse("mappings:kind", args=["sku"]))
        with django_assert_max_num_queries(10):
            second = client.get(reverse("mappings:kind", args=["sku"]), {"cursor": first.context["page"].older})
        assert second.context["rows"][0].row.channel_sku == "S050"

    def test_shows_blanks_that_make_a_difference(self, client, mira, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="A ", hub_sku="B")
        assert 'title="a blank">␣' in as_(client, mira).get(reverse("mappings:kind", args=["sku"])).content.decode()

    def test_never_runs_what_a_code_says(self, client, mira, integration):
        SkuMapping.objects.create(integration=integration, channel_sku="<script>x</script>", hub_sku="B")
        assert "<script>x" not in as_(client, mira).get(reverse("mappings:kind", args=["sku"])).content.decode()


class TestTheQueue:
    def test_puts_what_holds_up_most_first(self, client, omar, integration, waiting):
        rare = UnmappedCode(kind=CodeKind.SKU, value="A", integration=integration, direction="to_hub")
        seen(rare)

        class Told(NoOrders):
            def waiting(self, keys):
                return {rare.key: Waiting(9, {"GBP": Decimal("120.50")}), waiting.key: Waiting(2)}

        orders.register(Told())
        page = as_(client, omar).get(reverse("mappings:unmapped"))
        assert [row.seen.value for row in page.context["rows"]] == ["A", "express"]
        assert "120.50" in page.content.decode()

    def test_says_all_clear(self, client, omar):
        assert "Every code that arrived has an answer" in as_(client, omar).get(reverse("mappings:unmapped")).content.decode()


class TestTheForm:
    def url(self, waiting) -> str:
        return f"{reverse('mappings:add', args=['ship_service'])}?seen={waiting.pk}"

    def test_offers_the_live_list(self, client, omar, waiting, lists):
        page = as_(client, omar).get(self.url(waiting))
        assert [value for value, _ in page.context["form"].fields["hub_code"].choices] == ["", "78", "77"]

    def test_has_chosen_what_is_exact_and_unique(self, client, omar, waiting, lists):
        page = as_(client, omar).get(self.url(waiting))
        assert page.context["form"]["hub_code"].value() == "78"
        assert not ShipServiceMapping.objects.exists()

    def test_saves_the_code_letter_by_letter(self, client, omar, integration, lists):  # A1
        seen(UnmappedCode(kind=CodeKind.SHIP_SERVICE, value=" Express ", label="Fast", integration=integration, direction="to_hub"))
        waiting = SeenCode.objects.get()
        answer = as_(client, omar).post(self.url(waiting), {"hub_code": "77", "channel_code": "forged", "reason": "same thing"})
        row = ShipServiceMapping.objects.get()
        assert answer.status_code == 302
        assert (row.channel_code, row.channel_label, row.hub_code, row.hub_label) == (" Express ", "Fast", "77", "Next day")
        assert SeenCode.objects.get().answered_at is not None

    def test_refuses_what_the_list_does_not_have(self, client, omar, waiting, lists):  # R61
        page = as_(client, omar).post(self.url(waiting), {"hub_code": "79", "reason": "x"})
        assert "hub_code" in page.context["form"].errors
        assert not ShipServiceMapping.objects.exists()

    def test_takes_text_and_says_why_when_the_list_cannot_be_read(self, client, omar, waiting):
        def broken(connection, kind):
            raise Unavailable("Veeqo did not answer within 10 s.")

        live.register(broken)
        page = as_(client, omar).get(self.url(waiting)).content.decode()
        answer = client.post(self.url(waiting), {"hub_code": "77", "reason": "x"})
        assert "Veeqo did not answer within 10 s." in page
        assert answer.status_code == 302

    def test_shows_what_would_change_and_saves_nothing(self, client, omar, waiting, lists):  # A9
        whatif.register(lambda row, limit: Outlook(limit, passes=[Change("UK-1", "", f"goes as {row.hub_code}")]))
        page = as_(client, omar).post(self.url(waiting), {"hub_code": "77", "reason": "x", "preview": "1"}).content.decode()
        assert "goes as 77" in page
        assert not ShipServiceMapping.objects.exists()

    def test_says_global_stock_only_when_told(self, client, ada, integration):  # R19
        client.force_login(ada)
        url = reverse("mappings:add", args=["warehouse"])
        assert "channel_code" in client.post(url, {"hub_code": "7", "reason": "x"}).context["form"].errors
        client.post(url, {"hub_code": "7", "without_code": "on", "reason": "x"})
        assert WarehouseMapping.objects.get().channel_code == ""

    def test_refuses_a_sku_the_hub_does_not_list(self, client, mira, integration, hub):  # R47
        CatalogueItem.objects.create(connection=hub, reference="r1", sku="H-1")
        client.force_login(mira)
        url = reverse("mappings:add", args=["sku"])
        assert "lists no SKU" in client.post(url, {"channel_sku": "A", "hub_sku": "h-1", "reason": "x"}).content.decode()
        client.post(url, {"channel_sku": "A", "hub_sku": "H-1", "reason": "x"})
        assert SkuMapping.objects.get().hub_reference == "r1"

    def test_puts_a_refusal_on_the_page(self, client, omar, integration):
        ShipServiceMapping.objects.create(integration=integration, channel_code="express", hub_code="77")
        page = as_(client, omar).post(reverse("mappings:add", args=["ship_service"]), {"channel_code": "express", "hub_code": "78", "reason": "x"})
        assert "answers the same question" in page.content.decode()

    def test_keeps_an_alias_as_it_is(self, client, mira, channel):  # R73
        alias = SkuAlias.objects.create(connection=channel, old="A", new="B", effective_from=NOON)
        client.force_login(mira)
        client.post(reverse("mappings:edit", args=["sku_alias", alias.pk]), {"old": "X", "new": "Y", "note": "seen", "reason": "x"})
        alias.refresh_from_db()
        assert (alias.old, alias.new, alias.effective_from, alias.note) == ("A", "B", NOON, "seen")


class TestARow:
    @pytest.fixture
    def row(self, integration, omar) -> ShipServiceMapping:
        row = ShipServiceMapping(integration=integration, channel_code="express", hub_code="77")
        changes.save(row, by=omar, reason="first idea")
        row.hub_code = "78"
        changes.save(row, by=omar, reason="second idea")
        return row

    def test_shows_who_said_what_and_why(self, client, omar, row):
        page = as_(client, omar).get(reverse("mappings:row", args=["ship_service", row.pk])).content.decode()
        assert all(text in page for text in ("first idea", "second idea", "Omar", "<del>77</del>", "<ins>78</ins>"))

    def test_goes_back_to_a_version(self, client, omar, row):
        version = row.history.last().history_id
        url = reverse("mappings:revert", args=["ship_service", row.pk, version])
        assert "Orders to look at again" in as_(client, omar).get(url).content.decode()
        client.post(url, {"reason": "was right"})
        row.refresh_from_db()
        assert row.hub_code == "77"

    def test_ends(self, client, omar, row):
        as_(client, omar).post(reverse("mappings:end", args=["ship_service", row.pk]), {"reason": "over"})
        row.refresh_from_db()
        assert row.state == "ended"

    def test_rule_for_missing_codes_is_saved(self, client, omar, integration):
        as_(client, omar).post(reverse("mappings:on-missing", args=["ship_service", integration.pk]), {"on_missing": "fail", "reason": "x"})
        assert MissingRule.objects.get().on_missing == "fail"


class TestAnImport:
    def test_goes_from_file_to_rows(self, client, mira, integration):
        text = "lockstep sku 1,version,integration,channel_sku,hub_sku,hub_reference,way_back,effective_from,effective_to,note\n,,UK,A,B,,no,,,\n"
        answer = as_(client, mira).post(reverse("mappings:import", args=["sku"]), {"file": SimpleUploadedFile("skus.csv", text.encode())})
        assert "Apply all 1 rows" in client.get(answer.url).content.decode()
        assert not SkuMapping.objects.exists()
        client.post(answer.url, {"reason": "spring"})
        assert SkuMapping.objects.get().hub_sku == "B"
        assert "1 added" in client.get(answer.url).content.decode()

    def test_is_closed_to_others(self, client, omar, integration, mira):
        file = ImportFile.objects.create(kind="sku", name="x", content="", sha256="", uploaded_by=mira)
        client.force_login(omar)
        assert client.get(reverse("mappings:import", args=["sku"])).status_code == 403
        assert client.get(reverse("mappings:file", args=[file.pk])).status_code == 403
