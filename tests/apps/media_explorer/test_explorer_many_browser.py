"""The page with many pictures: soon there, and no larger after many pages."""

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.apps.media_explorer.running_page import copy_of_app, running
from tests.apps.media_explorer.server_process import running_server
from tests.apps.media_explorer.test_many_pictures import CONFIGURATION, MANY, PAGE, make_pictures

pytestmark = pytest.mark.browser

FEW = """
[MEDIA_SOURCES.few]
media_folder = "../few"
"""
TRIES = 4
AT_MOST = 1.6

# The pictures of one of these pages are three megabytes as they travel.
PAGES = 12
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


def test_pages_of_ten_thousand_are_there_about_as_soon_as_of_few(tab: Page, tmp_path: Path) -> None:
    """Alternating, in one run: how fast either is says more about what else the machine does."""
    make_pictures(tmp_path / "many")
    make_pictures(tmp_path / "few", count=TRIES * PAGE)
    with (
        running_server(tmp_path, CONFIGURATION + FEW) as server,
        running(copy_of_app(tmp_path / "page"), MEDIA_SERVER_URL=server.url) as page,
    ):
        took: dict[str, list[float]] = {"many": [], "few": []}
        # Each page is one of which nobody has asked for the thumbnails yet.
        for number in range(1, TRIES + 1):
            for source, seconds in took.items():
                tab.goto(f"{page.url}/?source={source}&page={number}", wait_until="commit")
                loaded = tab.wait_for_function(LOADED, arg=PAGE, polling=20)
                seconds.append(float(loaded.json_value()))
        tab.goto(f"{page.url}/?source=many")
        expect(tab.get_by_text(f"{MANY:,} files")).to_be_visible()
        # The first ones are the browser's and the processes' own.
        assert median(took["many"][1:]) < AT_MOST * median(took["few"][1:]), took


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
