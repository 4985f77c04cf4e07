"""Streamlit's index.html, changed so that its files come from one place."""

from pathlib import Path

import pytest
import streamlit

from streamlit_controls.core.frontend import WAKE, Unfit, patched, references
from tests.support.streamlit_packages import FILES, INDEX

ROOT = "/assets/streamlit-1.67.0"

OLDER = (
    '<!doctype html><html lang="en"><head><link rel="shortcut icon" href="./favicon.png"/>'
    '<script defer="defer" src="./static/js/main.js"></script>'
    '<link href="./static/css/main.css" rel="stylesheet"></head><body></body></html>'
)


def with_script(text: str) -> str:
    return INDEX.replace("</head>", f"{text}</head>")


def test_files_come_from_one_place_and_all_else_stays() -> None:
    page = patched(INDEX, FILES, ROOT)
    assert references(page) == (
        f"{ROOT}/favicon.png",
        "./_stcore/agent/openapi.json",
        f"{ROOT}/static/js/index.Ab_-1.js",
        f"{ROOT}/static/css/index.css",
        "https://streamlit.io",
    )
    assert page.replace(WAKE, "").replace(f"{ROOT}/", "./") == INDEX


def test_the_app_is_woken_before_anything_is_loaded() -> None:
    page = patched(INDEX, FILES, ROOT)
    assert page.index(WAKE) == page.index("<head>") + len("<head>")
    assert page.index("charset") < 1024, "where browsers look for it"


def test_the_page_of_older_releases() -> None:
    files = ["favicon.png", "static/js/main.js", "static/css/main.css", "static/js/1.chunk.js"]
    page = patched(OLDER, files, ROOT)
    assert references(page) == tuple(f"{ROOT}/{name}" for name in files[:3])


def test_the_page_of_the_streamlit_that_is_installed() -> None:
    folder = Path(streamlit.__file__).parent / "static"
    files = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    index = (folder / "index.html").read_text()
    page = patched(index, files, ROOT)
    assert len(references(page)) == len(references(index)) > 5
    assert {each for each in references(page) if not each.startswith(f"{ROOT}/")} == {
        "./_stcore/agent/openapi.json"
    }


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (with_script('<script src="./static/js/absent.js"></script>'), "absent.js"),
        (with_script('<script src="static/js/tiny.js"></script>'), "static/js/tiny.js"),
        (with_script('<script src="/static/js/tiny.js"></script>'), "/static/js/tiny.js"),
        (with_script("<script src=./static/js/tiny.js></script>"), "./static/js/tiny.js"),
        (with_script('<img srcset="./static/a.png 1x, ./static/b.png 2x">'), "a.png"),
        (with_script('<script>import("./static/js/tiny.js")</script>'), "in other words"),
        (with_script(f'<script src="{ROOT}/static/js/tiny.js"></script>'), "differ"),
        (INDEX.replace("index.Ab_-1.js", "style.css"), "style.css"),
        ('<html><head><link href="./favicon.png"></head></html>', "no script"),
        (INDEX.replace("<head>", '<head lang="en">'), "<head>"),
        (with_script("<template><head></template>"), "<head>"),
        ("", "<head>"),
    ],
)
def test_what_would_load_other_things_is_unfit(index: str, reason: str) -> None:
    with pytest.raises(Unfit, match=reason.replace(".", r"\.")):
        patched(index, FILES, ROOT)
