"""What the site's tests share: the site on a source of snapshots, a browser, a stack."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from streamlit_site import create_app
from tests.site.statuses import Fixed, app_status, document

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
"""Whatever Chromium the machine has; the tests bring none along."""


@pytest.fixture
def source() -> Fixed:
    return Fixed(document(demo=app_status()))


@pytest.fixture
def client(source: Fixed, tmp_path: Path) -> FlaskClient:
    return create_app(source, tmp_path).test_client()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # For one module only: while it is open, its event loop counts as running in this thread.
    if CHROMIUM is None:
        pytest.skip("BROWSER TESTS SKIPPED: no Chromium found (Debian: apt-get install chromium)")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
