"""How the page looks: pictures in light, in dark and on a phone, in which nothing sticks out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.apps.media_explorer.explorer_tab import ExplorerTab
from tests.apps.media_explorer.running_page import copy_of_app, running
from tests.support.browser import LOOKS, PICTURES, as_new, dress

pytestmark = pytest.mark.browser

PHOTOS = 6


@pytest.fixture(scope="module")
def tab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExplorerTab]:
    """The sample media, of which two are favourites."""
    with running(copy_of_app(tmp_path_factory.mktemp("pictures"))) as page:
        context = browser.new_context()
        explorer = ExplorerTab(context.new_page(), page.url, framed=False)
        for name in ("coffee.png", "rocket.jpg"):
            explorer.open(f"?picture={name}")
            explorer.view.get_by_role("button", name="Favourite").click()
            expect(explorer.view.get_by_test_id("stBaseButton-primary")).to_be_visible()
        yield explorer
        context.close()


@pytest.fixture
def explorer(tab: ExplorerTab) -> Iterator[ExplorerTab]:
    with as_new(tab.tab):
        yield tab


def photograph(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, "the page scrolls sideways"


@pytest.mark.parametrize("look", LOOKS)
def test_pictures(explorer: ExplorerTab, look: str) -> None:
    dress(explorer.tab, look)
    explorer.open("?layout=Packed")
    wait_for_photos(explorer)
    photograph(explorer.tab, f"explorer-packed-{look}")
    explorer.open("?picture=chelsea.png&sort=Name")
    expect(explorer.view.locator("figure small")).to_contain_text("451 × 300 pixels")
    expect(explorer.view.locator("img")).to_have_css("opacity", "1")
    photograph(explorer.tab, f"explorer-view-{look}")
    explorer.key("Delete")
    expect(explorer.view.locator("figure b")).to_have_text("astronaut.png")
    expect(explorer.view.locator("img")).to_have_css("opacity", "1")
    photograph(explorer.tab, f"explorer-undo-{look}")
    explorer.press("Undo")
    expect(explorer.view.locator("figure b")).to_have_text("chelsea.png")


def wait_for_photos(explorer: ExplorerTab) -> None:
    expect(explorer.tiles.locator("img")).to_have_count(PHOTOS)
    expect(explorer.root.locator(".loading")).to_have_count(0)


@pytest.mark.parametrize(
    ("query", "columns"),
    [("", 2), ("?size=By hand&columns=80&width=3200", 2), ("?size=By hand&columns=1&width=64", 1)],
)
def test_on_a_phone_the_grid_fits_whatever_is_chosen(
    explorer: ExplorerTab, query: str, columns: int
) -> None:
    dress(explorer.tab, "phone")
    explorer.open(query)
    wait_for_photos(explorer)
    boxes = [box for tile in explorer.tiles.all() if (box := tile.bounding_box())]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert len({round(box["x"]) for box in boxes}) == columns
