"""The page with many pictures: soon there, and no larger after many pages."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.apps.media_explorer.running_page import copy_of_app, running
from tests.apps.media_explorer.server_process import running_server
from tests.apps.media_explorer.test_many_pictures import CONFIGURATION, MANY, PAGE, make_pictures

pytestmark = pytest.mark.browser

SECONDS = 1.0
TRIES = 8

# The pictures of one of these pages are three megabytes as they travel.
PAGES = 16
SETTLED = 5
GROWTH = 12 * 1024 * 1024
HEAVY_CONFIGURATION = """
MEDIA_TYPES = ["jpg"]
[MEDIA_SOURCES.heavy]
media_folder = "../../heavy"
"""

# How many seconds after its navigation a page has all tiles, and those that are seen are loaded.
LOADED = """
(count) => {
  const grid = document.querySelector(".st-key-picture_grid [data-testid*=Isolated]")?.shadowRoot;
  const pictures = [...(grid?.querySelectorAll("li img") ?? [])];
  const seen = pictures.filter((each) => each.getBoundingClientRect().top < innerHeight);
  return pictures.length === count && seen.every((each) => each.complete && each.naturalWidth)
    && performance.now() / 1000;
}
"""


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def test_of_ten_thousand_the_first_page_is_there_within_a_second(tab: Page, tmp_path: Path) -> None:
    make_pictures(tmp_path / "many")
    with (
        running_server(tmp_path, CONFIGURATION) as server,
        running(copy_of_app(tmp_path / "page"), MEDIA_SERVER_URL=server.url) as page,
    ):
        took = []
        # The first time is the browser's and the processes' own. Thereafter each page is one of
        # which nobody has asked for the thumbnails; what else the machine does counts only once.
        for number in range(TRIES):
            tab.goto(f"{page.url}/?page={10 * number + 1}", wait_until="commit")
            loaded = tab.wait_for_function(LOADED, arg=PAGE, polling=20)
            took.append(float(loaded.json_value()))
            if number and took[-1] < SECONDS:
                break
        expect(tab.get_by_text(f"{MANY:,} files")).to_be_visible()
        assert min(took[1:]) < SECONDS, took


def test_page_after_page_without_a_server_takes_no_more_memory(tab: Page, tmp_path: Path) -> None:
    heavy = tmp_path / "heavy"
    heavy.mkdir()
    for number in range(PAGE):
        original = heavy / f"{number:04}.jpg"
        Image.effect_noise((480, 320), 90).save(original)
        for again in range(1, PAGES):  # other names of the same, so each thumbnail is made once
            os.link(original, heavy / f"{again * PAGE + number:04}.jpg")
    # Each run has its own thread, and glibc keeps room for some threads: not so with one arena.
    one_arena = {"MALLOC_ARENA_MAX": "1"}
    with running(copy_of_app(tmp_path, config=HEAVY_CONFIGURATION), **one_arena) as page:
        process = psutil.Process(page.pid)
        tab.goto(f"{page.url}/?sort=Name&ascending=true")
        sizes = []
        for number in range(PAGES):
            expect(tab.locator("li b").first).to_have_text(f"{number * PAGE:04}.jpg")
            sizes.append(process.memory_info().rss)
            if number + 1 < PAGES:
                tab.get_by_role("button", name="Next").click()
        assert max(sizes) - sizes[SETTLED] < GROWTH
