"""The browser of all tests that need one: whatever Chromium the machine has."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

# The first has no window and all that goes with one: it draws the same pages with less work.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

CHROMIUM = next(filter(None, map(shutil.which, PROGRAMS)), None)

PATIENCE = 30_000
"""Milliseconds in which a page does what is expected of it."""

PICTURES = Path(
    os.environ.get("PICTURES", Path(__file__).resolve().parents[2] / "tests/screenshots")
)
"""Where the pictures go; set PICTURES=docs/images to renew those of the documentation."""

WIDE = ViewportSize(width=1280, height=800)

LOOKS: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {
    "light": (WIDE, "light"),
    "dark": (WIDE, "dark"),
    "phone": (ViewportSize(width=390, height=844), "light"),
}


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser; skip the test where the machine has none."""
    if CHROMIUM is None:
        pytest.skip("BROWSER TESTS SKIPPED: Debian has apt install chromium-headless-shell")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments += ["--disable-background-networking", "--no-first-run", "--disable-gpu"]
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def dress(tab: Page, look: str) -> None:
    """Make a tab look as a picture of it is to look; nothing moves in it."""
    size, scheme = LOOKS[look]
    tab.set_viewport_size(size)
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")


@contextlib.contextmanager
def as_new(tab: Page, size: ViewportSize = WIDE) -> Iterator[Page]:
    """Give a tab that others use too, as if it were new; fail where a script of a page did.

    What the browser keeps of the pages' files stays: it makes a page of Streamlit's four times as
    fast.
    """
    mistakes: list[str] = []

    def note(error: object) -> None:
        mistakes.append(f"{error!r}: {getattr(error, 'stack', '')}")

    tab.set_viewport_size(size)
    tab.on("pageerror", note)
    yield tab
    tab.remove_listener("pageerror", note)
    tab.goto("about:blank")
    tab.emulate_media(color_scheme="null", reduced_motion="null")
    assert not mistakes, f"a script of the page failed: {mistakes}"
