"""What visitors of the demo do."""

from playwright.sync_api import FrameLocator, Page, expect

from tests.site.demo import Demo


def open_and_type(page: Page, app: FrameLocator, demo: Demo) -> None:
    """Open the app and leave something in its page that no server knows of."""
    page.goto(f"{demo.url}?n=4")
    app.get_by_label("Note").press_sequentially("half a thought")


def goes_on(page: Page, app: FrameLocator, demo: Demo) -> None:
    """See that the page is the one it was, and that its app answers."""
    expect(app.get_by_label("Note")).to_have_value("half a thought")
    app.get_by_role("button", name="Next").click()
    expect(app.get_by_text("n is 5")).to_be_visible()
    assert page.url == f"{demo.url}?n=5"


def move(page: Page, by: int) -> None:
    """Move the pointer from where it rests."""
    page.mouse.move(500, 400)
    page.mouse.move(500 + by, 400)
