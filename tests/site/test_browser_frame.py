"""An app in the site's frame behaves as if it were the page: a real app, a real browser."""

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.site.demo import Demo
from tests.site.stack import look
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def test_a_deep_link_with_its_query(page: Page, app: FrameLocator, demo: Demo) -> None:
    page.goto(f"{demo.url}numbers?x=a%20b")
    expect(app.get_by_text("x is a b")).to_be_visible()
    expect(page).to_have_title("Numbers of demo")
    assert page.url == f"{demo.url}numbers?x=a%20b"


def test_title_and_icon_follow_the_app(page: Page, app: FrameLocator, demo: Demo) -> None:
    page.goto(demo.url)
    expect(page).to_have_title("Home of demo")
    home = icon(page)
    assert home == page.frames[1].evaluate("document.querySelector('link[rel~=icon]').href")
    assert home.startswith("data:image/svg+xml")
    app.get_by_role("link", name="Numbers").click()
    expect(page).to_have_title("Numbers of demo")
    until(lambda: icon(page) != home, "another icon", 10)


def icon(page: Page) -> str:
    return str(page.evaluate("document.querySelector('link[rel=icon]').href"))


def inner(page: Page) -> str:
    """Return the address of the framed document, without its origin."""
    address = page.evaluate("document.getElementById('app').contentWindow.location.href")
    return str(address).split("/", 3)[3]


def test_back_and_forward(page: Page, app: FrameLocator, demo: Demo) -> None:
    def at(path: str, text: str, title: str) -> None:
        expect(app.get_by_text(text)).to_be_visible()
        expect(page).to_have_url(demo.gateway.url + path)
        expect(page).to_have_title(title)

    page.goto(f"{demo.gateway.url}/")
    page.get_by_role("link", name="Demo").click()
    at("/demo/", "n is none", "Home of demo")
    app.get_by_role("button", name="Next").click()
    at("/demo/?n=1", "n is 1", "Home of demo")
    app.get_by_role("button", name="Next").click()
    at("/demo/?n=2", "n is 2", "Home of demo")
    app.get_by_role("link", name="Numbers").click()
    at("/demo/numbers", "x is none", "Numbers of demo")

    page.go_back()
    at("/demo/?n=2", "n is 2", "Home of demo")
    page.go_back()
    at("/demo/?n=1", "n is 1", "Home of demo")
    page.go_forward()
    at("/demo/?n=2", "n is 2", "Home of demo")
    page.go_forward()
    at("/demo/numbers", "x is none", "Numbers of demo")
    page.reload()
    at("/demo/numbers", "x is none", "Numbers of demo")
    page.go_back()
    at("/demo/?n=2", "n is 2", "Home of demo")
    page.go_back()
    at("/demo/?n=1", "n is 1", "Home of demo")
    page.go_back()
    at("/demo/", "n is none", "Home of demo")
    page.go_back()
    expect(page).to_have_url(f"{demo.gateway.url}/")


def test_the_part_after_the_hash(page: Page, app: FrameLocator, demo: Demo) -> None:
    page.goto(f"{demo.url}?n=3#far")
    expect(app.get_by_text("n is 3")).to_be_visible()
    assert page.url == f"{demo.url}?n=3#far"
    assert inner(page) == "app/demo/~abcd/?n=3#far"
    page.evaluate("window.location.hash = 'elsewhere'")
    until(lambda: inner(page).endswith("#elsewhere"), "the hash in the app", 10)
    page.evaluate("document.getElementById('app').contentWindow.location.hash = 'inside'")
    expect(page).to_have_url(f"{demo.url}?n=3#inside")


def test_links_lead_where_they_would_without_a_frame(
    page: Page, app: FrameLocator, demo: Demo
) -> None:
    page.goto(demo.url)
    app.locator("#site").click()
    expect(page).to_have_url(f"{demo.gateway.url}/other/")
    expect(page.get_by_role("heading", name="Other is stopped")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(demo.url)
    app.locator("#top").click()
    expect(page).to_have_url(f"{demo.url}numbers")
    page.go_back()
    with page.context.expect_page() as opened:
        app.locator("#blank").click()
    expect(opened.value).to_have_url(f"{demo.url}numbers?x=2")
    expect(opened.value.frame_locator("#app").get_by_text("x is 2")).to_be_visible()
    opened.value.close()


def test_the_site_is_never_inside_itself(page: Page, app: FrameLocator, demo: Demo) -> None:
    page.goto(demo.url)
    expect(app.get_by_text("n is none")).to_be_visible()
    # As a browser without the navigation API does it: the page loads in the frame first.
    page.evaluate("document.getElementById('app').src = '/other/?a=1'")
    expect(page).to_have_url(f"{demo.gateway.url}/other/?a=1")


def test_a_login_asks_the_page_around_the_app(page: Page, app: FrameLocator, demo: Demo) -> None:
    page.goto(demo.url)
    expect(app.get_by_text("n is none")).to_be_visible()
    tell = "url => window.parent.postMessage({stCommVersion: 1, type: 'REDIRECT_TO_URL', url}, '*')"
    page.main_frame.evaluate(tell, f"{demo.gateway.url}/not-from-the-app")
    page.frames[1].evaluate(tell, "javascript:document.title='hacked'")
    page.frames[1].evaluate(tell, f"{demo.gateway.url}/other/?login")
    expect(page).to_have_url(f"{demo.gateway.url}/other/?login")


def test_the_app_may_do_what_a_page_may(page: Page, app: FrameLocator, demo: Demo) -> None:
    page.goto(demo.url)
    expect(app.get_by_text("n is none")).to_be_visible()
    inside = page.frames[1]
    for feature in ("clipboard-write", "camera", "microphone", "geolocation", "fullscreen"):
        assert inside.evaluate(f"document.featurePolicy.allowsFeature('{feature}')"), feature
    assert inside.evaluate("document.fullscreenEnabled")


def test_the_bar_tells_when_the_app_fails(page: Page, app: FrameLocator, demo: Demo) -> None:
    page.goto(demo.url)
    expect(app.get_by_text("n is none")).to_be_visible()
    demo.source.change("demo", error="KeyError: 'x'")
    look(page)
    bar = page.locator(".health")
    expect(bar).to_have_attribute("data-error", "")
    expect(bar.locator("summary")).to_contain_text("Running")
    demo.source.change("demo", state="failed")
    look(page)
    expect(bar.locator("summary")).to_contain_text("Failed")
    expect(page.locator("[data-announce]")).to_have_text("Demo: Failed")
    bar.locator("summary").click()
    expect(bar.get_by_text("KeyError")).to_be_visible()
    app.get_by_role("button", name="Next").click()
    expect(bar.get_by_text("KeyError")).to_be_hidden()


def test_an_app_that_was_replaced_comes_back_at_the_same_place(
    page: Page, app: FrameLocator, demo: Demo
) -> None:
    page.goto(f"{demo.url}?n=5")
    expect(app.get_by_text("n is 5")).to_be_visible()
    demo.gateway.route(demo.second)
    demo.tell("running", {"id": "efgh"})
    look(page)
    until(lambda: inner(page) == "app/demo/~efgh/?n=5", "the new instance", 10)
    expect(app.get_by_text("n is 5")).to_be_visible()
    assert page.url == f"{demo.url}?n=5"


def test_a_page_at_an_instance_that_is_gone_is_redirected(
    page: Page, app: FrameLocator, demo: Demo
) -> None:
    page.goto(f"{demo.gateway.url}/app/demo/~gone/numbers?x=6")
    expect(page.get_by_text("x is 6")).to_be_visible()
    assert page.url == f"{demo.gateway.url}/app/demo/~abcd/numbers?x=6"
