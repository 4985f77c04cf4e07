"""The page in a real browser: what only its scripts do, such as opening a picture by a click."""

import contextlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.apps.media_explorer.conftest import APP, ODD_NAMES, RunningServer
from tests.support.streamlit_server import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(
    browser: Browser, server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The page, asking the real media server; the browser loads its pictures from there."""
    log = tmp_path_factory.mktemp("page") / "log"
    with serving(APP / "app.py", log, {"MEDIA_SERVER_URL": server.url}) as url:
        yield url


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    yield page
    page.close()


def test_thumbnails_of_all_names_load(page: Page, address: str) -> None:
    page.goto(f"{address}/?source=odd")
    pictures = page.locator("li img")
    expect(pictures).to_have_count(len(ODD_NAMES))
    expect(page.locator(".loading")).to_have_count(0)
    assert pictures.evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    assert sorted(page.locator("li b").all_text_contents()) == sorted(ODD_NAMES)


def test_a_click_opens_a_picture_and_back_closes_it(page: Page, address: str) -> None:
    page.goto(f"{address}/?source=odd&sort=Name&ascending=true")
    page.get_by_role("button", name="Open c#d.png").click()
    view = page.get_by_role("dialog")
    expect(view.locator("figure b")).to_have_text("c#d.png")
    expect(view.locator("figure small")).to_contain_text("40 × 30 pixels")
    expect(page).to_have_url(f"{address}/?source=odd&sort=Name&ascending=true&picture=c%23d.png")
    page.go_back()
    expect(view).to_have_count(0)
    expect(page.locator("li img")).to_have_count(len(ODD_NAMES))


def step(page: Page, key: str, button: str, name: str) -> None:
    """Press a key until the viewer shows a picture: while it opens, it may not listen yet."""
    view = page.get_by_role("dialog")
    expect(view.get_by_role("button", name=button)).to_be_enabled()
    shown = view.locator("figure b")
    before = shown.text_content()
    for _ in range(5):
        if shown.text_content() == before:
            page.keyboard.press(key)
        with contextlib.suppress(AssertionError):
            expect(shown).not_to_have_text(before or "", timeout=5_000)
            break
    expect(shown).to_have_text(name)


def test_keys_are_enough(page: Page, address: str) -> None:
    page.goto(f"{address}/?source=odd&sort=Name&ascending=true")
    first, second, third = (page.locator("li b").nth(index) for index in range(3))
    expect(third).to_be_visible()
    page.locator("li button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    name = page.get_by_role("dialog").locator("figure b")
    expect(name).to_have_text(second.text_content() or "")
    step(page, "ArrowRight", "Next", third.text_content() or "")
    step(page, "ArrowLeft", "Previous", second.text_content() or "")
    step(page, "ArrowLeft", "Previous", first.text_content() or "")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
