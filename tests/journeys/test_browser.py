"""The bundled apps in a real browser, through the one port; makes the README's pictures."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.journeys.project import CODE, SampleProject
from tests.support.browser import LOOKS, PICTURES, as_new, dress

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bundled(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """The project as it is cloned: the bundled apps, running."""
    project = SampleProject.make(tmp_path_factory.mktemp("bundled") / "project")
    for folder in sorted((CODE / "apps").glob("*/app.py")):
        project.add_bundled(folder.parent.name)
    try:
        project.run("start")
        yield project
    finally:
        project.end()


@pytest.fixture(scope="module")
def tab(browser: Browser, bundled: SampleProject) -> Iterator[Page]:
    context = browser.new_context(base_url=bundled.url)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """The tab of all these tests, as if it were new."""
    with as_new(tab) as page:
        yield page


def app(page: Page) -> FrameLocator:
    """Return the app inside the site's frame."""
    return page.frame_locator("iframe")


def home(page: Page, project: SampleProject, key: str) -> dict[str, Any]:
    """Return the instance that a tab lives on: the one in its address, or that one's successor."""
    instances = project.status()["apps"][key]["instances"]
    named = [each for each in instances if f"/~{each['id']}/" in page.frames[1].url]
    found: dict[str, Any] = (named or instances)[0]
    return found


def wait_for_thumbnails(page: Page, count: int) -> None:
    """Wait until so many thumbnails are there and every one of them has been loaded."""
    pictures = app(page).locator("li img")
    expect(pictures).to_have_count(count)
    for index in range(count):
        picture = pictures.nth(index)
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("picture => picture.naturalWidth") > 50


def test_from_the_catalogue_through_the_media_explorer_and_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Media explorer").first.click()
    expect(page).to_have_url(re.compile("/media-explorer/"))
    wait_for_thumbnails(page, 6)
    sources = app(page).locator("li img").evaluate_all("all => all.map(one => one.src)")
    assert all("/app/media-explorer/api/thumbnail/" in source for source in sources)

    app(page).get_by_placeholder("Part of a name").fill("coffee")
    expect(page).to_have_url(re.compile("filter=coffee"))
    wait_for_thumbnails(page, 1)

    app(page).get_by_role("button", name="Open coffee.png").click()
    viewer = app(page).get_by_role("dialog")
    expect(viewer).to_contain_text("coffee.png")
    expect(page).to_have_url(re.compile("picture=coffee"))
    page.go_back()
    expect(viewer).to_have_count(0)
    expect(page).to_have_url(re.compile("filter=coffee"))

    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.get_by_role("link", name="Hello").first).to_be_visible()


def test_a_deep_link_opens_the_app_at_that_place(page: Page) -> None:
    page.goto("/media-explorer/?source=drawings&filter=a&sort=name&ascending=true")
    expect(app(page).get_by_placeholder("Part of a name")).to_have_value("a")
    expect(app(page).get_by_role("heading", name="drawings")).to_be_visible()
    expect(page).to_have_title(re.compile("Media explorer", re.IGNORECASE))
    page.reload()
    expect(app(page).get_by_placeholder("Part of a name")).to_have_value("a")


def choose(radio: Locator) -> None:
    """Click until it is chosen: what is clicked just when a process is killed goes with it."""
    for _ in range(6):
        radio.click()
        with contextlib.suppress(AssertionError):
            expect(radio).to_be_checked(timeout=10_000)
            return
    expect(radio).to_be_checked()


def test_a_tab_outlives_a_restart_and_a_crash(page: Page, bundled: SampleProject) -> None:
    page.goto("/hello/")
    shape = app(page).get_by_role("radio", name="Sawtooth")
    shape.click()
    expect(shape).to_be_checked()
    for harm in ("restart", "crash"):
        if harm == "restart":
            bundled.run("restart", "hello")
        else:
            psutil.Process(home(page, bundled, "hello")["pid"]).kill()
        expect(page.locator("iframe")).to_be_visible()
        choose(app(page).get_by_role("radio", name="Triangle"))
        choose(shape)


def test_a_tab_says_that_its_app_was_stopped_and_comes_back(
    page: Page, bundled: SampleProject
) -> None:
    page.goto("/hello/")
    shape = app(page).get_by_role("radio", name="Sawtooth")
    expect(shape).to_be_visible()
    bundled.run("stop", "hello")
    expect(app(page).get_by_role("heading", name="Hello is stopped")).to_be_visible()
    bundled.run("start", "hello")
    expect(shape).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_of_every_page(page: Page, look: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    dress(page, look)
    page.goto("/")
    expect(page.get_by_role("link", name="Hello").first).to_be_visible()
    page.screenshot(path=PICTURES / f"catalogue-{look}.png")
    page.goto("/hello/")
    expect(app(page).locator("canvas, svg.marks").first).to_be_visible()
    page.screenshot(path=PICTURES / f"hello-{look}.png")
    page.goto("/media-explorer/")
    wait_for_thumbnails(page, 6)
    app(page).locator("li img").first.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / f"media-explorer-{look}.png")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, "the page scrolls sideways"


def test_a_tab_is_told_of_a_new_version_in_pictures(tab: Page, bundled: SampleProject) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    pages = {look: tab.context.new_page() for look in LOOKS}
    for look, page in pages.items():
        dress(page, look)
        page.goto("/hello/")
        expect(app(page).locator("canvas, svg.marks").first).to_be_visible()
        app(page).get_by_role("radio", name="Sawtooth").click()
    old = home(tab.context.pages[-1], bundled, "hello")["id"]
    bundled.run("restart", "hello")
    for look, page in pages.items():
        expect(page.locator(".renewal")).to_contain_text("A new version of Hello is here.")
        expect(app(page).get_by_role("radio", name="Sawtooth")).to_be_checked()
        page.screenshot(path=PICTURES / f"renewal-{look}.png")
    page.get_by_role("button", name="Open it").click()
    expect(app(page).get_by_role("radio", name="Square")).to_be_checked()
    expect(page.locator(".renewal")).to_be_empty()
    assert home(page, bundled, "hello")["id"] != old
    for page in pages.values():
        page.close()
