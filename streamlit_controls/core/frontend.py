"""Streamlit's index.html, changed so that all apps of a version load their files from one place."""

import re
from collections.abc import Collection
from html.parser import HTMLParser

WAKE = (
    "<script>(base => base && fetch(base[0] + '_stcore/host-config', {cache: 'no-store'})"
    ".catch(() => {}))(location.pathname.match('^/app/[^/]+/~[^/]+/'))</script>"
)
"""Wakes the app while the browser still loads scripts: what serves the page asks nobody else.

Streamlit's own client asks for the same thing later. Unlike the health check it sets no cookie.
"""

_PART = "[A-Za-z0-9_-][A-Za-z0-9_.-]*"
FILE = f"(?:{_PART}/)*{_PART}"
"""The name of a file that may be served, as an expression: nothing hidden, nothing above."""

_NAMING = frozenset({"href", "src", "srcset", "data", "poster", "action"})
"""Attributes that name something to be loaded."""

_ELSEWHERE = ("./_stcore/", "https://", "http://", "data:", "#")
"""What is no file of the front-end: the app's own answers, and other sites."""


class Unfit(ValueError):
    """Says why a front-end cannot be served for its apps: each has to serve its own."""


def patched(index: str, files: Collection[str], root: str) -> str:
    """Return index.html with its files at `root`, an absolute path.

    `files` are the names of all files there, relative to the page. Raises Unfit where the result
    would not load what the original loads.
    """
    if index.count("<head>") != 1:
        raise Unfit("index.html has not one <head>")
    moved = index
    for name in {each.removeprefix("./") for each in references(index)} & set(files):
        moved = re.sub(rf"=([\"'])\./{re.escape(name)}\1", rf"=\g<1>{root}/{name}\g<1>", moved)
    _check(index, moved, files, root)
    return moved.replace("<head>", f"<head>{WAKE}")


def references(page: str) -> tuple[str, ...]:
    """Return what a page names to be loaded, in its order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return tuple(reader.found)


def _check(index: str, moved: str, files: Collection[str], root: str) -> None:
    """Raise Unfit unless every reference of the page leads to a file, and nothing else differs."""
    there = {f"{root}/{name}" for name in files}
    named = references(moved)
    lost = [each for each in named if each not in there and not each.startswith(_ELSEWHERE)]
    if lost:
        raise Unfit(f"index.html refers to {lost[0]}, which is no file of it")
    if not any(each in there and each.endswith(".js") for each in named):
        raise Unfit("index.html loads no script")
    if "./static/" in moved:
        raise Unfit("index.html speaks of ./static/ in other words than references")
    if moved.replace(f"{root}/", "./") != index:
        raise Unfit("index.html would differ in more than its references")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in _NAMING and value]
