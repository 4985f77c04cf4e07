"""Apps that go to sleep under open tabs, in a real browser: nobody but a person wakes them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Response, expect

from tests.journeys.project import SampleProject
from tests.support.browser import LOOKS, PICTURES, WIDE, dress
from tests.support.waiting import until

pytestmark = pytest.mark.browser

TRIES = 8
"""Answers to tries of a page without a person; they take it several seconds."""

SCRIPT = """
import streamlit as st
st.title("Sales by region")
st.text_area("Note")
st.write("The value is", st.slider("Value", 0, 100, 7))
st.line_chart({"north": [3, 1, 4, 1, 5, 9], "south": [2, 7, 1, 8, 2, 8]})
"""


@pytest.fixture(scope="module")
def drowsy(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    """A project whose only app sleeps as soon as nobody does anything."""
    drowsy = {"name": "Sales", "idle_timeout": "1s", "idle_tab_timeout": "1s"}
    project = SampleProject.make(tmp_path_factory.mktemp("drowsy") / "project", {"sales": drowsy})
    project.add("sales", SCRIPT)
    try:
        project.run("start")
        yield project
    finally:
        project.end()


@pytest.fixture(scope="module")
def context(browser: Browser, drowsy: SampleProject) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=drowsy.url, viewport=WIDE)
    yield context
    context.close()


def state(project: SampleProject) -> str:
    return str(project.status()["apps"]["sales"]["state"])


def starts(project: SampleProject) -> int:
    """Return how often a process of the app was started."""
    return (project.root / "logs/controller.log").read_text().count("sales: started pid")


def app(page: Page) -> FrameLocator:
    return page.frame_locator("#app")


def test_a_tab_sleeps_on_until_somebody_is_there(
    context: BrowserContext, drowsy: SampleProject
) -> None:
    tab = context.new_page()
    tab.goto("/sales/?who=me")
    app(tab).get_by_label("Note").press_sequentially("half a thought")
    cover = tab.locator(".asleep")
    expect(cover).to_be_visible()
    expect(cover).to_contain_text("Sales is asleep")
    assert state(drowsy) == "sleeping"

    # A page without the site's frame tries for ever; that wakes nobody.
    bare = context.new_page()
    bare.goto("/app/sales/")
    expect(bare.get_by_text("The value is")).to_be_visible()
    until(lambda: state(drowsy) == "sleeping", "its falling asleep again")
    before = starts(drowsy)
    for _ in range(TRIES):
        bare.wait_for_event("response", is_refusal)
    assert (state(drowsy), starts(drowsy)) == ("sleeping", before)

    tab.bring_to_front()
    expect(cover).to_be_visible()
    tab.mouse.move(600, 400)
    tab.mouse.move(640, 420)
    expect(cover).to_be_hidden()
    expect(app(tab).get_by_label("Note")).to_have_value("half a thought")
    assert tab.url == f"{drowsy.url}sales/?who=me"
    assert starts(drowsy) == before + 1
    tab.close()
    bare.close()


def is_refusal(answer: Response) -> bool:
    return "/app/sales/~" in answer.url and answer.status == 503


def test_a_sleeping_app_in_pictures(context: BrowserContext, drowsy: SampleProject) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    pages = {look: context.new_page() for look in LOOKS}
    for look, page in pages.items():
        dress(page, look)
        page.goto("/sales/")
        expect(app(page).locator("canvas, svg.marks").first).to_be_visible()
    until(lambda: state(drowsy) == "sleeping", "its falling asleep")
    for look, page in pages.items():
        expect(page.locator(".asleep:not([data-waking])")).to_be_visible()
        page.screenshot(path=PICTURES / f"asleep-{look}.png")
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, "the page scrolls sideways"
    for look, page in pages.items():
        page.goto("/")
        expect(page.locator(".card .state")).to_have_text("Asleep")
        page.screenshot(path=PICTURES / f"asleep-catalogue-{look}.png")
        page.close()
