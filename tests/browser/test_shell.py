"""The frame of every page, walked in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, TELEPHONE, keep_picture
from tests.people import PASSWORD, person

pytestmark = pytest.mark.browser
SIZES = [pytest.param(DESK, id="1280"), pytest.param(TELEPHONE, id="390")]
PAGES = ["/ui/", "/audit/", "/profile/", "/approvals/", "/profile/password/", "/admin/", "/admin/accounts/user/", "/no/such/page/"]


def sideways(page: Page) -> int:
    """Pixels one would have to scroll to the right."""
    return max(0, page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


class TestPages:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("colours", ["light", "dark"])
    def test_fit_and_keep_the_security_policy(self, log_in, complaints, size, colours):
        page = log_in("ada", size=size, colours=colours)
        for url in PAGES:
            page.goto(url)
            assert sideways(page) == 0, url
            keep_picture(page, f"{url.strip('/').replace('/', '-')}-{size['width']}-{colours}")

        assert [complaint for complaint in complaints if "404" not in complaint] == []

    def test_hold_still_while_they_load(self, log_in):
        page = log_in("ada", "/ui/")
        page.reload()

        shift = page.evaluate(
            """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().reduce((sum, one) => sum + one.value, 0)))
                .observe({type: 'layout-shift', buffered: true}) || setTimeout(() => done(0), 300))"""
        )

        assert shift < 0.01

    def test_are_reached_with_the_skip_link_first(self, page):
        page.goto("/audit/")
        page.keyboard.press("Tab")

        expect(page.get_by_text("Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"

    def test_show_where_the_focus_is(self, page):
        page.goto("/audit/")
        page.get_by_role("button", name="Show", exact=True).focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")

        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


class TestWithoutScript:
    def test_people_come_in_change_the_theme_and_leave(self, log_in):
        page = log_in("cora", script=False)

        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page).to_have_url("/profile/")
        page.get_by_role("button", name="Log out").click()

        expect(page.get_by_role("heading", name="Log in")).to_be_visible()

    def test_the_menu_opens_on_a_telephone(self, log_in):
        page = log_in("ada", script=False, size=TELEPHONE)
        audit = page.get_by_role("link", name="Audit trail")

        expect(audit).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        audit.click()

        expect(page.get_by_role("heading", name="Audit trail")).to_be_visible()

    def test_buttons_that_need_one_are_not_shown(self, log_in):
        page = log_in("ada", "/ui/", script=False)

        expect(page.get_by_role("button", name="Keyboard")).to_be_hidden()
        expect(page.get_by_role("button", name="Copy")).to_be_hidden()


class TestTheme:
    @pytest.mark.parametrize(("colours", "button", "paper"), [("light", "Dark", "rgb(16, 22, 26)"), ("dark", "Light", "rgb(243, 245, 244)")])
    @pytest.mark.parametrize("url", ["/profile/", "/admin/"])
    def test_chosen_beats_the_computers(self, log_in, colours, button, paper, url):
        page = log_in("ada", url, colours=colours)

        page.get_by_role("button", name=button, exact=True).click()

        expect(page.locator("body")).to_have_css("background-color", paper)


class TestKeys:
    def test_lead_from_page_to_page(self, page):
        page.keyboard.press("g")
        page.keyboard.press("a")

        expect(page).to_have_url("/approvals/")

    def test_are_listed_on_a_sheet(self, page):
        page.keyboard.press("?")

        expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Go to Approvals")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()

    def test_walk_the_rows(self, page):
        page.goto("/ui/")
        for key in "jjk":
            page.keyboard.press(key)

        expect(page.get_by_role("link", name="Carrier “DPD Local” has no code at Mirakl FR", exact=True)).to_be_focused()

    def test_are_letters_again_in_a_field(self, page):
        page.goto("/audit/")
        page.get_by_label("Action").fill("")
        page.get_by_label("Action").press_sequentially("ga?")

        expect(page.get_by_label("Action")).to_have_value("ga?")
        expect(page).to_have_url("/audit/")

    def test_can_be_turned_off(self, page):  # WCAG 2.1.4
        page.get_by_role("button", name="Keyboard").click()
        page.get_by_role("button", name="Turn single keys off").click()
        expect(page.get_by_text("Single keys are off.")).to_be_visible()

        page.keyboard.press("?")
        page.keyboard.press("g")
        page.keyboard.press("a")

        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page).to_have_url("/profile/")


class TestScript:
    def test_counts_what_is_picked(self, page):
        page.goto("/ui/")
        page.get_by_label("Pick all rows").check()

        expect(page.get_by_text("5 picked")).to_be_visible()
        page.get_by_label("Pick all rows").uncheck()
        expect(page.get_by_role("button", name="Send again", exact=True)).to_be_disabled()

    def test_sends_the_form_token_with_htmx(self, page):
        """A view that htmx posts to sees the token, though scripts cannot read its cookie."""
        page.evaluate(
            """() => { const button = document.createElement('button'); button.textContent = 'Try htmx';
            button.setAttribute('hx-post', '/ui/theme/'); button.setAttribute('hx-swap', 'none');
            document.querySelector('main').append(button); htmx.process(button); }"""
        )
        with page.expect_response("**/ui/theme/") as sent:
            page.get_by_text("Try htmx").click()

        assert sent.value.status == 302


class TestApproval:
    def test_is_decided_by_a_second_person(self, log_in, monkeypatch):
        from portal.accounts import approvals
        from portal.accounts.permissions import Action, allowed

        monkeypatch.setitem(approvals.ON_APPROVAL, Action.WRITE_OFF, lambda wish: "12.50 EUR written off.")
        omar = person("omar")
        verdict = allowed(omar, Action.WRITE_OFF)
        approvals.ask(Action.WRITE_OFF, by=omar, verdict=verdict, arguments={"case": 7}, summary="Write off 12.50 EUR", reason="Parcel lost")

        page = log_in("finn", "/approvals/")
        page.get_by_role("button", name="Approve").click()

        expect(page.get_by_text("Approved. 12.50 EUR written off.")).to_be_visible()


class TestLogin:
    def test_says_one_sentence_to_a_wrong_password(self, new_page):
        person("cora")
        page = new_page()
        page.goto("/login/")
        page.get_by_label("Username").fill("cora")
        page.get_by_label("Password").fill(f"not {PASSWORD}")
        page.get_by_role("button", name="Log in").click()

        expect(page.get_by_role("alert")).to_contain_text("Name and password do not fit together")
