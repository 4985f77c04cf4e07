"""The bundled apps in a real browser, through the one port; makes the README's pictures."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from tests.journeys.project import CODE, SampleProject

CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)

PICTURES = Path(os.environ.get("PICTURES", CODE / "tests/screenshots"))
"""Where the pictures go; set PICTURES=docs/images to renew those of the documentation."""

LOOKS = {
    "light": ({"width": 1280, "height": 800}, "light"),
    "dark": ({"width": 1280, "height": 800}, "dark"),
    "phone": ({"width": 390, "height": 844}, "light"),
}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """The project as it is cloned: the bundled apps, running."""
    if CHROMIUM is None:
        pytest.skip("BROWSER TESTS SKIPPED: no Chromium found (Debian: apt-get install chromium)")
    project = SampleProject.make(tmp_path_factory.mktemp("bundled") / "project")
    project.add_bundled("hello")
    project.add_bundled("media-explorer")
    try:
        project.run("start")
        yield project
    finally:
        project.end()


@pytest.fixture(scope="module")
def browser(bundled: SampleProject) -> Iterator[Browser]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments += ["--disable-background-networking", "--no-first-run", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, bundled: SampleProject) -> Iterator[Page]:
    context = browser.new_context(base_url=bundled.url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def app(page: Page) -> FrameLocator:
    """Return the app inside the site's frame."""
    return page.frame_locator("iframe")


def wait_for_thumbnails(page: Page, count: int) -> None:
    """Wait until so many thumbnails are there and every one of them has been loaded."""
    pictures = app(page).locator("li img")
    expect(pictures).to_have_count(count, timeout=30_000)
    for index in range(count):
        picture = pictures.nth(index)
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True, timeout=30_000)
        assert picture.evaluate("picture => picture.naturalWidth") > 50


def test_from_the_catalogue_through_the_media_explorer_and_back(page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/")
    page.get_by_role("link", name="Media explorer").first.click()
    expect(page).to_have_url(re.compile("/media-explorer/"))
    wait_for_thumbnails(page, 6)
    sources = app(page).locator("li img").evaluate_all("all => all.map(one => one.src)")
    assert all("/app/media-explorer/api/thumbnail/" in source for source in sources)

    app(page).get_by_placeholder("Part of a name").fill("coffee")
    expect(page).to_have_url(re.compile("filter=coffee"), timeout=30_000)
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
    assert errors == []


def test_a_deep_link_opens_the_app_at_that_place(page: Page) -> None:
    page.goto("/media-explorer/?source=drawings&filter=a&sort=name&ascending=true")
    expect(app(page).get_by_placeholder("Part of a name")).to_have_value("a", timeout=30_000)
    expect(app(page).get_by_role("heading", name="drawings")).to_be_visible()
    expect(page).to_have_title(re.compile("Media explorer", re.IGNORECASE))
    page.reload()
    expect(app(page).get_by_placeholder("Part of a name")).to_have_value("a", timeout=30_000)


def test_a_tab_outlives_a_restart_and_a_crash(page: Page, bundled: SampleProject) -> None:
    page.goto("/hello/")
    shape = app(page).get_by_role("radio", name="Sawtooth")
    shape.click()
    expect(shape).to_be_checked()
    for harm in ("restart", "crash"):
        if harm == "restart":
            bundled.run("restart", "hello")
        else:
            bundled.process("/app/hello/").kill()
        expect(page.locator("iframe")).to_be_visible()
        app(page).get_by_role("radio", name="Triangle").click()
        expect(app(page).get_by_role("radio", name="Triangle")).to_be_checked(timeout=60_000)
        shape.click()
        expect(shape).to_be_checked()


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
def test_pictures_of_every_page(browser: Browser, bundled: SampleProject, look: str) -> None:
    size, scheme = LOOKS[look]
    PICTURES.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        base_url=bundled.url,
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("link", name="Hello").first).to_be_visible()
    page.screenshot(path=PICTURES / f"catalogue-{look}.png")
    page.goto("/hello/")
    expect(app(page).locator("canvas, svg.marks").first).to_be_visible(timeout=30_000)
    page.screenshot(path=PICTURES / f"hello-{look}.png")
    page.goto("/media-explorer/")
    wait_for_thumbnails(page, 6)
    app(page).locator("li img").first.scroll_into_view_if_needed()
    page.screenshot(path=PICTURES / f"media-explorer-{look}.png")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, "the page scrolls sideways"
    context.close()
