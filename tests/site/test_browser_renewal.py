"""An open tab whose app is replaced is told so, and loses nothing: a real app, a real browser."""

import time
from datetime import datetime

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.site.demo import Demo
from tests.site.stack import look
from tests.site.statuses import Document
from tests.site.visits import goes_on, open_and_type

pytestmark = [pytest.mark.browser, pytest.mark.journey]

NEW = {"id": "efgh", "state": "running", "drains_until": None}


@pytest.fixture
def notice(page: Page) -> Locator:
    return page.locator(".renewal__bar")


def old(seconds: float | None, instance: str = "abcd") -> Document:
    """Return the instance that was replaced, as the manager tells of it."""
    until = None if seconds is None else round(time.time() + seconds, 3)
    return {"id": instance, "state": "draining", "drains_until": until}


def see(page: Page) -> None:
    """Have the page look, and wait until it has seen."""
    with page.expect_response("**/api/v1/apps/demo") as answer:
        look(page)
    answer.value.finished()
    page.evaluate("new Promise(resolve => setTimeout(resolve))")


def replace(page: Page, demo: Demo, seconds: float = 600) -> None:
    """Replace the app's instance; the page's own stays for so long."""
    demo.gateway.point(demo.second)
    demo.tell("running", NEW, old(seconds))
    see(page)


def test_it_opens_the_same_place_at_the_new_instance(
    page: Page, app: FrameLocator, notice: Locator, demo: Demo
) -> None:
    page.goto(f"{demo.url}?n=4#far")
    note = app.get_by_label("Note")
    note.press_sequentially("half a ")
    expect(notice).to_be_hidden()
    replace(page, demo, 1000)
    expect(notice).to_contain_text("A new version of Demo is here.")
    ends = datetime.fromtimestamp(time.time() + 1000)  # noqa: DTZ006 # as people here tell it
    expect(notice.locator("time")).to_contain_text(f"{ends:%-I:%M}")
    page.keyboard.type("thought")  # the focus is where it was
    expect(note).to_have_value("half a thought")

    notice.get_by_role("button", name="Open it").click()
    expect(notice).to_be_hidden()
    expect(note).to_have_value("")
    expect(app.get_by_text("n is 4")).to_be_visible()
    assert page.frames[1].url == f"{demo.gateway.url}/app/demo/~efgh/?n=4#far"
    assert page.url == f"{demo.url}?n=4#far"
    expect(page.locator("#app")).to_be_focused()
    expect(page.locator(".stage[data-loading]")).to_have_count(0)
    see(page)
    expect(notice).to_be_hidden()


def test_later_means_until_shortly_before_the_end(
    page: Page, app: FrameLocator, notice: Locator, demo: Demo
) -> None:
    open_and_type(page, app, demo)
    replace(page, demo)
    page.get_by_role("button", name="Open it").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Later")).to_be_focused()
    page.keyboard.press("Enter")
    expect(notice).to_be_hidden()
    expect(page.locator("#app")).to_be_focused()
    see(page)
    expect(notice).to_be_hidden()

    demo.tell("running", NEW, old(100))
    see(page)
    expect(notice).to_be_visible()
    page.get_by_role("button", name="Later").focus()
    page.keyboard.press("Escape")
    see(page)
    expect(notice).to_be_hidden()
    goes_on(page, app, demo)


def test_nothing_is_said_where_nothing_is_to_be_opened(
    page: Page, app: FrameLocator, notice: Locator, demo: Demo
) -> None:
    open_and_type(page, app, demo)
    for state, *instances in (
        ("running", NEW, {"id": "abcd", "state": "running"}),
        ("running", NEW, old(600, "another")),
        ("running", NEW, old(None)),
        ("draining", old(600)),
        ("failed", old(600)),
    ):
        demo.tell(str(state), *instances)
        see(page)
        expect(notice).to_be_hidden()
    goes_on(page, app, demo)


def test_the_end_takes_it_back(page: Page, app: FrameLocator, notice: Locator, demo: Demo) -> None:
    open_and_type(page, app, demo)
    replace(page, demo)
    expect(notice).to_be_visible()
    demo.wake()  # a successor, which the gateway leads the tab to
    demo.tell("running", {"id": "next"})
    see(page)
    expect(notice).to_be_hidden()
    goes_on(page, app, demo)

    # The page lives on at an instance that is not in its address, and is told of that one's end.
    demo.tell("running", NEW, old(600, "next"))
    see(page)
    expect(notice).to_be_visible()
    demo.tell("failed", old(600, "next"))
    see(page)
    expect(notice).to_be_hidden()
    expect(app.get_by_label("Note")).to_have_value("half a thought")


def test_an_app_asleep_is_covered_without_it(
    page: Page, app: FrameLocator, notice: Locator, cover: Locator, demo: Demo
) -> None:
    open_and_type(page, app, demo)
    replace(page, demo)
    expect(notice).to_be_visible()
    demo.tell("sleeping", old(600))
    demo.gateway.route()
    expect(cover).to_be_visible()
    expect(notice).to_be_hidden()


@pytest.mark.parametrize("width", [320, 1280])
def test_it_covers_nothing(
    page: Page, app: FrameLocator, notice: Locator, demo: Demo, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.emulate_media(reduced_motion="reduce")
    demo.source.change("demo", name="a" * 90)
    page.goto(demo.url)
    expect(app.get_by_text("n is none")).to_be_visible()
    replace(page, demo)
    expect(notice).to_be_visible()
    below, above = notice.bounding_box(), page.locator("#app").bounding_box()
    assert below
    assert above
    assert above["y"] + above["height"] == below["y"]
    assert below["y"] + below["height"] == 700
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in notice.get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert box["x"] + box["width"] <= width
