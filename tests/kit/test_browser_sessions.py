"""Tabs of a real browser: reloaded, cut off, duplicated, closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, WebSocketRoute, expect

from tests.kit.test_live_sessions import PAGE, App
from tests.support.streamlit_server import serving
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.journey]

# A reload within this time is known; a tab that is closed is given up after it.
TIMES = {"STREAMLIT_KIT_GRACE": "4", "HEARTBEAT": "0.5"}
SCRIPT = Path(__file__).resolve().parents[2] / (
    "streamlit_kit/src/streamlit_kit/sessions/browser_tab.js"
)
MORE_THAN_GRACE = 10
"""So many heartbeats."""


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    log = tmp_path_factory.mktemp("tabs") / "log"
    with serving(PAGE, log, TIMES) as url:
        yield App(url, log)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        yield context


def opened(context: BrowserContext, app: App) -> tuple[Page, str]:
    """Return a new tab with the page, and its session once that has begun."""
    tab = context.new_page()
    tab.goto(app.url)
    session = session_of(tab)
    app.tells(f"start {session}")
    return tab, session


def session_of(tab: Page) -> str:
    text = tab.get_by_text("session ")
    expect(text).to_have_count(1)
    return (text.text_content() or "").split()[1]


def started(app: App) -> list[str]:
    return [each for each in app.told() if each.startswith("start")]


def test_a_reload_goes_on_with_the_session_and_its_task(context: BrowserContext, app: App) -> None:
    before = len(started(app))
    tab, session = opened(context, app)
    for _ in range(2):
        tab.reload()
        expect(tab.get_by_text(f"session {session}")).to_be_visible()
        expect(tab.get_by_text(f"task running of {session}")).to_be_visible()
    app.beats(session, 2)
    assert started(app)[before:] == [f"start {session}"]
    tab.close()
    app.tells(f"end {session}")
    app.tells(f"cancelled {session}")
    assert app.told().count(f"end {session}") == 1


def test_a_reload_may_take_longer_than_the_grace_time_and_leaves_nothing_behind(
    browser: Browser, tmp_path: Path
) -> None:
    times = {"STREAMLIT_KIT_GRACE": "0.5", "SLOW": "2"}
    with serving(PAGE, tmp_path / "log", times) as url, browser.new_context() as context:
        app = App(url, tmp_path / "log")
        tab, session = opened(context, app)
        tab.reload()
        expect(tab.get_by_text(f"session {session}")).to_be_visible()
        # The session that this tab seemed to be is over, and so is what its run began.
        expect(tab.get_by_text("told {")).to_contain_text("} of 1")
        [other] = [each for each in app.told() if each.startswith("cancelled")]
        assert other != f"cancelled {session}"
        assert started(app) == [f"start {session}"]
        assert f"end {session}" not in app.told()


def test_a_connection_that_is_cut_comes_back_by_itself(context: BrowserContext, app: App) -> None:
    """Also on a page that has nothing else that runs by itself."""
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    context.route_web_socket("**/_stcore/stream", through)
    tab = context.new_page()
    tab.goto(app.url)
    session = session_of(tab)
    # What goes through here moves on only while the tab is asked for something.
    until(lambda: tab.title() and f"start {session}" in app.told(), "the session's start")
    told = tab.get_by_text("told {").text_content() or ""
    sockets[0].close()
    expect(tab.get_by_text("told {")).not_to_have_text(told)  # the script has run again
    assert len(sockets) == 2
    app.beats(session, MORE_THAN_GRACE)
    assert session_of(tab) == session
    assert f"end {session}" not in app.told()


def test_tabs_are_sessions_of_their_own_and_a_copied_one_is_not(
    context: BrowserContext, app: App
) -> None:
    first, one = opened(context, app)
    second, other = opened(context, app)
    assert one != other
    with context.expect_page() as popup:
        # It copies the storage of the tab that opens it, as "Duplicate tab" does.
        first.evaluate("void window.open(location.href)")
    expect(popup.value.get_by_text(f"session {one}")).to_be_visible()
    first.close()
    app.beats(one, MORE_THAN_GRACE)
    assert f"end {one}" not in app.told()
    popup.value.close()
    second.close()
    app.tells(f"end {one}")
    app.tells(f"end {other}")


def test_a_tab_that_is_denied_its_storage_has_a_session_all_the_same(
    context: BrowserContext, app: App
) -> None:
    context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no'); } })"
    )
    tab, session = opened(context, app)
    tab.reload()
    app.tells(f"end {session}")


def test_a_tab_of_a_process_that_is_gone_begins_anew(context: BrowserContext, app: App) -> None:
    context.add_init_script(
        "for (const key of ['streamlit-kit ', 'streamlit-kit /x'])"
        " sessionStorage.getItem(key) ?? sessionStorage.setItem(key, 'of another process')"
    )
    tab, session = opened(context, app)
    kept = tab.evaluate("Object.values(sessionStorage)")
    assert "of another process" in kept  # of another path
    tab.reload()
    expect(tab.get_by_text(f"session {session}")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", "streamlit-kit "),
        ("/numbers", "streamlit-kit "),
        ("/below/", "streamlit-kit /below"),
        ("/app/sales/~abc234/", "streamlit-kit /app/sales"),
        ("/app/sales/~abc234/numbers", "streamlit-kit /app/sales"),
    ],
)
def test_apps_of_one_origin_are_told_apart_by_their_paths(
    context: BrowserContext, path: str, key: str
) -> None:
    """What runs in the browser, by itself."""
    tab = context.new_page()
    tab.route("**/*", lambda route: route.fulfill(body="<p>a page</p>", content_type="text/html"))
    tab.goto(f"http://127.0.0.1{path}")
    told = tab.evaluate(
        """async (script) => {
            const module = await import(`data:text/javascript,${encodeURIComponent(script)}`);
            const told = [];
            const setStateValue = (...said) => told.push(said);
            module.default({ data: { token: "one", stale: null }, setStateValue });
            module.default({ data: { token: "two", stale: null }, setStateValue });
            module.default({ data: { token: "two", stale: "one" }, setStateValue });
            return [told.flat(), Object.entries(sessionStorage).flat()];
        }""",
        SCRIPT.read_text(),
    )
    assert told == [["token", "one", "token", "one", "token", "two"], [key, "two"]]


def test_nothing_of_it_is_to_be_seen(context: BrowserContext, app: App) -> None:
    tab, _ = opened(context, app)
    first = tab.locator("[data-testid=stMain] [data-testid=stText]").first
    block = tab.locator("[data-testid=stMainBlockContainer]")
    box, around = first.bounding_box(), block.bounding_box()
    assert box
    assert around
    padding = block.evaluate("element => parseFloat(getComputedStyle(element).paddingTop)")
    assert box["y"] - around["y"] <= padding + 1
