"""An open tab whose app goes to sleep, and wakes: a real app, a real browser."""

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.site.demo import Demo
from tests.site.stack import look
from tests.site.visits import goes_on, move, open_and_type

pytestmark = [pytest.mark.browser, pytest.mark.journey]

HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_it_wakes_when_the_pointer_moves_and_goes_on_where_it_was(
    page: Page, app: FrameLocator, cover: Locator, demo: Demo
) -> None:
    open_and_type(page, app, demo)
    expect(cover).to_be_hidden()
    demo.sleep()
    expect(cover).to_be_visible()
    expect(cover).to_contain_text("Demo is asleep")
    expect(page.locator(".health summary")).to_contain_text("Asleep")
    expect(cover.get_by_role("button")).to_be_focused()

    demo.wake()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/", 3)[3]))
    for _ in range(3):
        with page.expect_response("**/api/v1/apps/demo"):
            look(page)
    move(page, 1)
    page.keyboard.press("Shift")
    page.keyboard.press("Control+c")
    with page.expect_response("**/api/v1/apps/demo"):
        look(page)
    assert set(asked) == {"api/v1/apps/demo"}
    expect(cover).to_be_visible()

    move(page, 30)
    expect(cover).to_be_hidden()
    expect(page.locator("#app")).to_be_focused()
    goes_on(page, app, demo)


@pytest.mark.parametrize("doing", ["key", "button", "focus"])
def test_other_doings_that_wake(
    page: Page, app: FrameLocator, cover: Locator, demo: Demo, doing: str
) -> None:
    open_and_type(page, app, demo)
    demo.sleep()
    expect(cover).to_be_visible()
    demo.wake()
    if doing == "key":
        page.keyboard.press("a")
    elif doing == "button":
        cover.get_by_role("button", name="Wake it").dispatch_event("click")
    else:
        page.evaluate("document.hasFocus = () => false; window.dispatchEvent(new Event('blur'))")
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(cover).to_be_hidden()
    goes_on(page, app, demo)


def test_a_tab_in_the_background_wakes_it_when_someone_comes_back(
    page: Page, app: FrameLocator, cover: Locator, demo: Demo
) -> None:
    open_and_type(page, app, demo)
    page.evaluate(HIDE, True)
    demo.sleep()
    expect(cover).to_be_visible()
    demo.wake()
    page.evaluate(HIDE, False)
    expect(cover).to_be_hidden()
    goes_on(page, app, demo)


def test_somebody_else_wakes_it(page: Page, app: FrameLocator, cover: Locator, demo: Demo) -> None:
    open_and_type(page, app, demo)
    demo.sleep()
    expect(cover).to_be_visible()
    demo.wake()
    demo.tell("running", {"id": "abcd"})
    look(page)
    expect(cover).to_be_hidden()
    goes_on(page, app, demo)


def test_what_cannot_be_woken_is_told(
    page: Page, app: FrameLocator, cover: Locator, demo: Demo
) -> None:
    open_and_type(page, app, demo)
    demo.sleep()
    expect(cover).to_be_visible()
    move(page, 30)
    expect(app.get_by_role("heading", name="Demo is asleep")).to_be_visible()
    expect(cover).to_be_hidden()
    demo.wake()
    app.get_by_role("link", name="Wake it").click()
    expect(app.get_by_text("n is 4")).to_be_visible()
