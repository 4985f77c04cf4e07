"""The page that starts its own media server: one for all browsers, gone with the page's process."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.apps.media_explorer.explorer_tab import ExplorerTab
from tests.apps.media_explorer.explorer_world import COLOURS, CONFIG, fill
from tests.apps.media_explorer.running_page import RunningPage, copy_of_app, running
from tests.support.ports import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.browser

AGES = ("newest", "oldest")
HOSTS = ("127.0.0.1", "localhost")


@pytest.fixture
def media_port() -> int:
    return free_port()


@pytest.fixture
def page(tmp_path: Path, media_port: int) -> Iterator[RunningPage]:
    """A page whose media server listens on all addresses."""
    album = tmp_path / "album"
    album.mkdir()
    fill(album)
    secrets = f'MODE = "embedded_server"\nHOST = "0.0.0.0"\nPORT = "{media_port}"\n'
    copy = copy_of_app(tmp_path, config=CONFIG.format(album=album), secrets=secrets)
    with running(copy, STREAMLIT_SERVER_FILE_WATCHER_TYPE="auto") as page:
        yield page


def test_all_browsers_share_one_server_which_ends_with_the_page(
    browser: Browser, page: RunningPage, media_port: int
) -> None:
    with ExitStack() as stack:
        explorers = []
        for host in HOSTS:
            context = browser.new_context()
            stack.callback(context.close)
            explorers.append(ExplorerTab(context.new_page(), f"http://{host}:{page.port}", False))
        for explorer in explorers:
            explorer.tab.goto(explorer.url, wait_until="commit")  # at once, both are the first
        for explorer, host in zip(explorers, HOSTS, strict=True):
            explorer.shows(*COLOURS[::-1])
            assert addresses(explorer) == {f"{host}:{media_port}"}
        assert page.listening() == {page.port, media_port}

        loaded_at = health(media_port)
        with (page.app / "explorer" / "wording.py").open("a", encoding="utf-8") as code:
            code.write("# An edit, after which Streamlit loads all modules anew.\n")
        until(lambda: run_again(explorers[0]) and health(media_port) != loaded_at, "a new server")
        assert page.listening() == {page.port, media_port}
        explorers[1].open()
        explorers[1].shows(*COLOURS[::-1])

        # The tabs are still open.
        assert page.end() == 0
        with socket.create_server(("0.0.0.0", media_port)):
            pass


def addresses(explorer: ExplorerTab) -> set[str]:
    """The hosts and ports from which the thumbnails come."""
    links = explorer.tiles.locator("img").evaluate_all("all => all.map(one => one.currentSrc)")
    return {urlsplit(link).netloc for link in links}


def health(port: int) -> str:
    answer = httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).raise_for_status()
    return str(answer.json()["loaded_at"])


def run_again(explorer: ExplorerTab) -> bool:
    """Have the page run once, by what a person changes in it."""
    newest, oldest = (explorer.root.get_by_text(f"8 files, {age} first") for age in AGES)
    before = newest.is_visible()
    explorer.switch("Ascending")
    expect(oldest if before else newest).to_be_visible()
    return True
