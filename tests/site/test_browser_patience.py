"""What the site's pages do as time goes by, on a clock that a test sets forward."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.site.demo import Demo
from tests.site.statuses import app_status
from tests.site.visits import goes_on, move, open_and_type
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.journey]


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page()
    tab.clock.install()
    yield tab
    tab.close()


def forward(page: Page, seconds: float) -> None:
    """Set the clock of all the tab's scripts forward."""
    page.clock.fast_forward(int(seconds * 1000))


def test_a_waiting_page_becomes_the_app(page: Page, app: FrameLocator, demo: Demo) -> None:
    demo.source.change("demo", state="building", instances=[])
    answer = page.goto(f"{demo.url}?n=8#far")
    assert answer
    assert answer.status == 503
    expect(page.get_by_role("heading", name="Demo is being built")).to_be_visible()
    demo.source.change("demo", state="failed", error="pandas is broken")
    forward(page, 2)
    expect(page.get_by_role("heading", name="Demo cannot run")).to_be_visible()
    expect(page.locator(".panel__error")).to_have_text("pandas is broken")
    demo.source.change("demo", **app_status())
    forward(page, 2)
    expect(app.get_by_text("n is 8")).to_be_visible()
    assert page.url == f"{demo.url}?n=8#far"


def test_the_page_in_place_of_an_app_becomes_the_app(
    page: Page, app: FrameLocator, demo: Demo
) -> None:
    demo.gateway.route()
    page.goto(f"{demo.url}numbers?x=4")
    expect(app.get_by_role("heading", name="Demo does not answer")).to_be_visible()
    expect(page.locator(".bar")).to_have_count(1)
    expect(app.locator(".bar, .top")).to_have_count(0)
    expect(page).to_have_url(f"{demo.url}numbers?x=4")
    demo.wake()
    forward(page, 3)
    expect(app.get_by_text("x is 4")).to_be_visible()
    expect(page).to_have_title("Numbers of demo")

    # The same for a page at an instance that is no more.
    demo.gateway.route()
    page.evaluate("document.getElementById('app').contentWindow.location.reload()")
    expect(app.get_by_role("heading", name="Demo does not answer")).to_be_visible()
    demo.wake()
    forward(page, 3)
    expect(app.get_by_text("x is 4")).to_be_visible()
    expect(page).to_have_url(f"{demo.url}numbers?x=4")


def test_a_page_that_does_not_listen_comes_back_by_itself(
    page: Page, app: FrameLocator, cover: Locator, demo: Demo
) -> None:
    demo.wake_mute()
    open_and_type(page, app, demo)
    demo.sleep()
    expect(cover).to_be_visible()
    for _ in range(8):
        with page.expect_response(lambda answer: answer.status == 503):
            forward(page, 10)
    expect(cover).to_be_visible()
    demo.wake_mute()
    with page.expect_response("**/~abcd/_stcore/host-config"):
        move(page, 30)
    forward(page, 5)
    expect(cover).to_be_hidden()
    goes_on(page, app, demo)


def test_a_page_that_cannot_go_on_is_loaded_anew(
    page: Page, app: FrameLocator, cover: Locator, demo: Demo
) -> None:
    open_and_type(page, app, demo)
    demo.sleep()
    expect(cover).to_be_visible()
    demo.gateway.route(demo.second)
    with page.expect_response("**/~efgh/_stcore/host-config"):
        move(page, 30)
    forward(page, 5)
    expect(cover).to_be_visible()

    def gives_up() -> bool:
        forward(page, 1)
        return cover.is_hidden()

    until(gives_up, "the page's being loaded anew")
    expect(app.get_by_text("n is 4")).to_be_visible()
    expect(app.get_by_label("Note")).to_have_value("")
    assert page.url == f"{demo.url}?n=4"
    assert "/~efgh/" in page.frames[1].url
