"""The explorer in a real browser, in each of its modes: alone, with its own server, supervised."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.apps.media_explorer.explorer_tab import ExplorerTab
from tests.apps.media_explorer.explorer_world import COLOURS, MODES, PORTRAIT, World, world
from tests.support.browser import as_new

pytestmark = pytest.mark.browser

# All of the sidebar is seen at once: a list of choices closes when something scrolls.
HIGH = ViewportSize(width=1280, height=1100)
NEWEST_FIRST = COLOURS[::-1]


@pytest.fixture(scope="module", params=MODES)
def explored(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with world(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture(scope="module")
def tab(browser: Browser, explored: World) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def explorer(tab: Page, explored: World) -> Iterator[ExplorerTab]:
    """The tab of all these tests, as if it were new."""
    with as_new(tab, HIGH) as page:
        yield ExplorerTab(page, explored.url, framed=explored.mode == "controller")


def test_filter_order_and_pages(explorer: ExplorerTab) -> None:
    by_name = sorted(COLOURS)
    explorer.open("?images=5")
    explorer.shows(*NEWEST_FIRST[:5])
    explorer.press("Page 2")
    explorer.shows(*NEWEST_FIRST[5:])
    keyword = explorer.root.get_by_placeholder("Part of a name")
    keyword.fill("R")
    explorer.shows(*(name for name in NEWEST_FIRST if "r" in name))
    keyword.fill("zebra")
    explorer.press("Clear the filter")
    explorer.shows(*NEWEST_FIRST[:5])
    explorer.switch("Name")
    explorer.shows(*by_name[::-1][:5])
    explorer.switch("Ascending")
    explorer.shows(*by_name[:5])


@pytest.mark.parametrize("explored", ["controller"], indirect=True)
def test_layouts(explorer: ExplorerTab) -> None:
    explorer.open()
    explorer.shows(*NEWEST_FIRST)
    explorer.unfold("Layout")
    columns = explorer.root.get_by_role("spinbutton", name="Columns")
    expect(columns).to_be_disabled()
    explorer.pick("Columns, px", "4, 320")
    expect(explorer.root.locator("ul")).to_have_css("--columns", "4")
    assert len({round(tile["x"]) for tile in boxes(explorer)}) == 4
    explorer.switch("By hand")
    expect(columns).to_be_enabled()
    expect(explorer.root.get_by_role("combobox", name="Screen width")).to_be_disabled()
    columns.fill("5")
    columns.press("Enter")
    width = explorer.root.get_by_role("spinbutton", name="Image width")
    width.fill("100")
    width.press("Enter")
    expect(explorer.root.locator("ul")).to_have_css("--width", "100px")
    assert {round(tile["width"]) for tile in boxes(explorer)} == {100}
    assert len({round(tile["x"]) for tile in boxes(explorer)}) == 5
    explorer.switch("Packed")
    expect(explorer.root.locator("ul")).to_have_class("captions packed")
    frame = explorer.tiles.filter(has_text=PORTRAIT).locator(".frame").bounding_box()
    assert frame
    assert frame["height"] == pytest.approx(1.5 * frame["width"], rel=0.02)


def boxes(explorer: ExplorerTab) -> list[dict[str, float]]:
    found: list[dict[str, float]] = explorer.tiles.evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().toJSON())"
    )
    return found


def test_in_full_size_and_favourites(explorer: ExplorerTab) -> None:
    explorer.open()
    explorer.shows(*NEWEST_FIRST)
    explorer.enlarge("purple")
    explorer.key("ArrowRight")
    explorer.is_enlarged("blue")
    explorer.key("f")
    expect(explorer.view.get_by_test_id("stBaseButton-primary")).to_contain_text("Favourite")
    explorer.key("ArrowLeft")
    explorer.is_enlarged("purple")
    explorer.close()
    expect(explorer.root.locator(".opening")).to_have_count(0)
    expect(explorer.root.locator("li.favourite")).to_contain_text(["blue.png"])
    explorer.switch("Favourites only")
    explorer.shows("blue")
    explorer.enlarge("blue")
    explorer.key("f")
    expect(explorer.view).to_have_count(0)
    expect(explorer.root.get_by_test_id("stMarkdown").filter(has_text="no longer")).to_be_visible()
    explorer.press("Undo")
    explorer.shows("blue")


def test_deleting_can_be_undone_and_the_trash_gives_back(
    explorer: ExplorerTab, explored: World
) -> None:
    explorer.open()
    explorer.shows(*NEWEST_FIRST)
    explorer.enlarge("purple")
    explorer.key("Delete")
    explorer.is_enlarged("blue")
    assert not (explored.album / "purple.png").exists()
    explorer.press("Undo")
    explorer.is_enlarged("purple")
    explorer.key("Delete")
    explorer.is_enlarged("blue")
    explorer.close()
    explorer.shows(*(name for name in NEWEST_FIRST if name != "purple"))
    explorer.press("Trash")
    expect(explorer.view).to_contain_text("purple.png")
    # What has the name meanwhile is not overwritten, and nothing is lost.
    (explored.album / "purple.png").write_bytes(b"another")
    explorer.press("Restore")
    expect(explorer.view.get_by_role("alert")).to_contain_text("again")
    (explored.album / "purple.png").unlink()
    explorer.press("Restore")
    expect(explorer.view).to_contain_text("The trash is empty.")
    explorer.close()
    explorer.shows(*NEWEST_FIRST)


@pytest.mark.parametrize("explored", ["service_object"], indirect=True)
def test_links_are_the_browsers_and_cannot_be_deleted(explorer: ExplorerTab) -> None:
    explorer.serve_links()
    explorer.open("?source=web&sort=Name&ascending=true")
    explorer.shows("b", "far away")
    expect(explorer.root.get_by_role("button", name="Trash")).to_have_count(0)
    explorer.enlarge("far away")
    expect(explorer.view.get_by_role("button", name="Favourite")).to_be_visible()
    expect(explorer.view.get_by_role("button", name="To trash")).to_have_count(0)


def test_recycling_reads_the_configuration_anew(explorer: ExplorerTab, explored: World) -> None:
    explorer.open()
    explorer.shows(*NEWEST_FIRST)
    explored.configure(
        more=f"[MEDIA_SOURCES.blues]\nmedia_folder='{explored.album}'\nmedia_filter='blue'"
    )
    explorer.press("Recycle media server")
    expect(explorer.root.get_by_test_id("stToast")).to_contain_text("configuration anew")
    explorer.pick("Source", "blues")
    explorer.shows("blue")
    explored.configure(more="[MEDIA_SOURCES.broken]\nfolder='here'")
    explorer.press("Recycle media server")
    expect(explorer.root.get_by_role("alert").first).to_contain_text("broken")
    explorer.shows("blue")
    explored.configure()
    explorer.press("Recycle media server")
    explorer.shows(*NEWEST_FIRST)


@pytest.mark.parametrize("explored", ["controller"], indirect=True)
def test_what_was_marked_outlives_sleep_and_restarts(
    explorer: ExplorerTab, explored: World
) -> None:
    assert explored.project is not None
    explorer.open()
    explorer.shows(*NEWEST_FIRST)
    explorer.enlarge("teal")
    explorer.key("f")
    expect(explorer.view.get_by_test_id("stBaseButton-primary")).to_contain_text("Favourite")
    explorer.tab.goto("about:blank")  # what it asks for just now would wake the app
    explored.project.run("sleep", "media-explorer", "--force")
    assert explored.project.status()["apps"]["media-explorer"]["state"] == "sleeping"
    explorer.open("?filter=t&favourites=true")
    explorer.shows("teal")
    explored.project.run("restart", "media-explorer")
    explorer.open("?filter=t&favourites=true")
    explorer.shows("teal")
