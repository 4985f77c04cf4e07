"""What a browser that knows nothing yet loads for two apps, one after the other."""

import os
import shutil
import time
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.contender import Contender, Unsupported
from benchmarks.processes import MEGA
from benchmarks.sample import App
from benchmarks.session import Session
from benchmarks.turns import turns

PATIENCE = 60_000
"""Milliseconds for a page."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ROWS = ("bytes-first", "time-first", "bytes-second", "time-second")


def measure(session: Session, contenders: Sequence[Contender]) -> None:
    """Open both pandas apps of each contender in a new browser."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        for contender in contenders:
            with session.tried(contender, *ROWS):
                raise Unsupported("no Chromium on PATH")
        return
    with sync_playwright() as playwright:
        for _, contender in turns(contenders, session.rounds):
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            with playwright.chromium.launch(executable_path=path, args=arguments) as chromium:
                _visit(session, contender, chromium)


def _visit(session: Session, contender: Contender, chromium: Browser) -> None:
    context = chromium.new_context()
    context.new_page().goto("about:blank")  # the first tab of a browser takes longer
    for app, which in zip(contender.apps[1:], ("first", "second"), strict=True):
        seconds, size = _open(context, contender.page(app), app)
        session.results.add(f"time-{which}", contender.name, seconds)
        session.results.add(f"bytes-{which}", contender.name, size / MEGA)


def _open(context: BrowserContext, address: str, app: App) -> tuple[float, float]:
    page = context.new_page()
    sizes: list[float] = []

    def finished(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", finished)
    began = time.perf_counter()
    page.goto(address, timeout=PATIENCE)
    for what in (
        f"text={app.kind.text(app.kind.start)}",
        ".stDataFrame canvas",
        ".stVegaLiteChart canvas, .stVegaLiteChart svg",
    ):
        page.locator(what).first.wait_for(timeout=PATIENCE)
    seconds = time.perf_counter() - began
    page.wait_for_load_state("networkidle", timeout=PATIENCE)
    page.close()
    return seconds, sum(sizes)
