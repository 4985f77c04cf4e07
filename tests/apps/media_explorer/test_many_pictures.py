"""Ten thousand pictures in one source: quick to show, and no more memory or disk page by page."""

import io
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import pytest
from PIL import Image

from tests.apps.media_explorer.server_process import RunningServer, running_server

MANY = 10_000
PAGE, PAGES = 24, 41
AT_ONCE = 6  # what browsers open to one server
CACHE_BYTES = 200_000
GROWTH_BYTES = 8 * 1024 * 1024
CONFIGURATION = f"""
MEDIA_TYPES = ["jpg"]
THUMBNAIL_CACHE_BYTES = {CACHE_BYTES}
[MEDIA_SOURCES.many]
media_folder = "../many"
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    root = tmp_path_factory.mktemp("many")
    make_pictures(root / "many")
    with running_server(root, CONFIGURATION) as running:
        yield running


def make_pictures(folder: Path, count: int = MANY) -> None:
    """One JPEG, encoded once, with another comment in each file, a second apart."""
    folder.mkdir()
    encoded = io.BytesIO()
    Image.radial_gradient("L").resize((320, 240)).convert("RGB").save(encoded, "JPEG")
    start, rest = encoded.getvalue()[:2], encoded.getvalue()[2:]
    for number in range(count):
        path = folder / f"picture {number}.jpg"
        path.write_bytes(b"%b\xff\xfe\x00\x08%06d%b" % (start, number, rest))
        os.utime(path, (10**9 + number, 10**9 + number))


class Visitor:
    """Asks as a browser does: a listing, then its thumbnails, several at once."""

    def __init__(self, url: str) -> None:
        limits = httpx.Limits(max_connections=AT_ONCE)
        self._client = httpx.Client(base_url=url, limits=limits, timeout=30, trust_env=False)
        self._threads = ThreadPoolExecutor(AT_ONCE)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()
        self._client.close()

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path).raise_for_status()

    def page(self, number: int) -> list[str]:
        """The names on a page, whose thumbnails have all come."""
        items = self.listing(number)["items"]
        paths = [f"/thumbnail/many/{quote(item['name'])}?v={item['version']}" for item in items]
        for answer in self._threads.map(self.get, paths):
            assert answer.headers["content-type"] == "image/webp"
        return [item["name"] for item in items]

    def listing(self, number: int) -> Any:
        return self.get(f"/media_list/many?offset={number * PAGE}&limit={PAGE}").json()


@pytest.fixture
def visitor(served: RunningServer) -> Iterator[Visitor]:
    with Visitor(served.url) as visitor:
        assert visitor.get("/media_sources").json()["sources"][0]["count"] == MANY
        yield visitor


def seconds(action: Any) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def test_the_first_page_is_there_within_a_second(visitor: Visitor) -> None:
    # Nobody has asked for the thumbnails of any of these; what else the machine does counts once.
    assert min(seconds(lambda page=page: visitor.page(page)) for page in (0, 100, 200)) < 1


@pytest.mark.parametrize("path", [f"/media_list/many?limit={PAGE}", "/media_sources"])
def test_a_listing_is_quick(visitor: Visitor, served: RunningServer, path: str) -> None:
    process, times = psutil.Process(served.pid), 10
    before = process.cpu_times()
    for _ in range(times):
        visitor.get(path)
    after = process.cpu_times()
    # The server's own time: what else the machine does at the moment is no part of it.
    taken = after.user + after.system - before.user - before.system
    assert taken / times < 0.1


def test_what_changes_is_seen_at_once(visitor: Visitor, served: RunningServer) -> None:
    changed = served.root / "many" / "picture 17.jpg"
    assert visitor.listing(0)["items"][0]["name"] == "picture 9999.jpg"
    os.utime(changed, (2 * 10**9, 2 * 10**9))
    assert visitor.listing(0)["items"][0]["name"] == "picture 17.jpg"
    moved = changed.rename(changed.with_suffix(".txt"))
    assert visitor.listing(0)["total"] == MANY - 1
    moved.rename(changed)
    os.utime(changed, (10**9 + 17, 10**9 + 17))
    assert visitor.listing(0)["total"] == MANY


def test_page_after_page_takes_no_more_memory_and_disk(
    visitor: Visitor, served: RunningServer
) -> None:
    process, seen, after_first = psutil.Process(served.pid), set(), 0
    for number in range(PAGES):
        seen.update(visitor.page(number))
        assert 0 < thumbnails_bytes(served.root) <= CACHE_BYTES
        if number == 4:
            after_first = process.memory_info().rss
    assert len(seen) == PAGES * PAGE
    assert process.memory_info().rss - after_first < GROWTH_BYTES


def thumbnails_bytes(root: Path) -> int:
    return sum(path.stat().st_size for path in (root / "cache").rglob("*") if path.is_file())
