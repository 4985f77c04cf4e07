"""The whole page, run by Streamlit's own test runner."""

import json
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from explorer.embedded_server import EmbeddedServer
from streamlit.testing.v1 import AppTest

from tests.apps.media_explorer.conftest import APP, VISIBLE, make_picture
from tests.apps.media_explorer.server_process import RunningServer, running_server

PHOTOS = {
    "astronaut.png",
    "chelsea.png",
    "coffee.png",
    "hubble_deep_field.jpg",
    "retina.jpg",
    "rocket.jpg",
}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No server in the environment, a cache of its own, and nothing kept between tests."""
    monkeypatch.delenv("MEDIA_SERVER_URL", raising=False)
    monkeypatch.delenv("MEDIA_SERVER_PATH", raising=False)
    monkeypatch.setenv("CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
    EmbeddedServer.stop_that_of_this_process()


def open_page(**query: str) -> AppTest:
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def component(page: AppTest, name: str) -> dict[str, Any] | None:
    """What a component of the page was given."""
    for element in page.get("bidi_component"):
        if element.proto.component_name == f"media_explorer.{name}":
            data: dict[str, Any] = json.loads(element.proto.json)
            return data
    return None


def shown(page: AppTest) -> list[str]:
    grid = component(page, "picture_grid")
    return [item["name"] for item in grid["items"]] if grid else []


def press(page: AppTest, label: str) -> None:
    [button] = [each for each in page.button if each.label == label]
    button.click().run()
    assert not page.exception


def test_alone_it_shows_the_sample_media() -> None:
    page = open_page()
    assert page.selectbox(key="source").options == ["photos", "drawings"]
    assert set(shown(page)) == PHOTOS
    grid = component(page, "picture_grid")
    assert grid
    for item in grid["items"]:
        [(link, width)] = item["thumbnails"]  # it travels inside the page: in one size only
        assert link.startswith("data:image/webp;base64,")
        assert width == 480
    assert component(page, "picture_frame") is None


def test_source_filter_and_order() -> None:
    page = open_page()
    page.selectbox(key="source").select("drawings").run()
    assert "julia set.jpg" in shown(page)
    page.selectbox(key="source").select("photos").run()
    page.text_input(key="filter").input(" CO ").run()
    assert shown(page) == ["coffee.png"]
    page.text_input(key="filter").input("").run()
    page.segmented_control(key="sort").set_value("Name").run()
    assert shown(page) == sorted(PHOTOS, reverse=True)
    page.toggle(key="ascending").set_value(True).run()
    assert shown(page) == sorted(PHOTOS)
    assert not page.exception


def test_a_filter_without_a_match_can_be_cleared() -> None:
    page = open_page(filter="*zebra*")
    assert shown(page) == []
    assert r"\*zebra\*" in page.info[0].value
    press(page, "Clear the filter")
    assert set(shown(page)) == PHOTOS
    assert page.text_input(key="filter").value == ""


def test_pages() -> None:
    page = open_page(images="4", sort="Name", ascending="true")
    assert shown(page) == sorted(PHOTOS)[:4]
    page.pagination(key="page").set_value(2).run()
    assert shown(page) == sorted(PHOTOS)[4:]
    page.text_input(key="filter").input("t").run()  # what is listed changed: from its start again
    assert shown(page) == ["astronaut.png", "retina.jpg", "rocket.jpg"]
    assert not page.exception


@pytest.mark.parametrize(("number", "expected"), [("2", 2), ("99", 4), ("-1", 4), ("x", 4)])
def test_a_link_to_a_page(number: str, expected: int) -> None:
    assert len(shown(open_page(images="4", page=number))) == expected


def test_a_link_to_a_picture_opens_it_with_its_neighbours() -> None:
    page = open_page(picture="coffee.png", sort="Name", ascending="true")
    view = component(page, "picture_frame")
    assert view
    assert view["name"] == "coffee.png"
    assert view["src"].startswith("data:image/png;base64,")
    assert view["facts"] == ["467 kB"]
    assert view["modified"]
    assert not page.button(key="previous").disabled
    assert not page.button(key="next").disabled
    assert "3 of 6" in [caption.value for caption in page.caption]


def test_next_goes_on_to_the_end() -> None:
    page = open_page(picture="retina.jpg", sort="Name", ascending="true")
    page.button(key="next").click().run()
    assert page.query_params["picture"] in ("rocket.jpg", ["rocket.jpg"])
    view = component(page, "picture_frame")
    assert view
    assert view["name"] == "rocket.jpg"
    assert page.button(key="next").disabled


@pytest.mark.parametrize("name", ["nothing.png", "../app.py", "..", "/etc/passwd"])
def test_a_link_to_a_picture_that_is_gone_says_so(name: str) -> None:
    page = open_page(picture=name)
    assert len(page.warning) == 1
    assert set(shown(page)) == PHOTOS


def test_captions_can_be_left_out() -> None:
    page = open_page()
    page.toggle(key="captions").set_value(False).run()
    grid = component(page, "picture_grid")
    assert grid
    assert grid["captions"] is False


def test_with_a_server_the_browser_loads_pictures_from_the_same_origin(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_SERVER_URL", server.url)
    monkeypatch.setenv("MEDIA_SERVER_PATH", "/app/media-explorer/api")
    page = open_page()
    assert set(shown(page)) == VISIBLE
    grid = component(page, "picture_grid")
    assert grid
    links = {item["name"]: item["thumbnails"] for item in grid["items"]}
    assert links["film.mp4"] == []
    start = "/app/media-explorer/api/thumbnail/pictures/one.png?"
    assert [width for _, width in links["one.png"]] == [128, 192, 256, 320, 480, 640, 960]
    assert all(link.startswith(f"{start}width={width}&v=") for link, width in links["one.png"])
    page.selectbox(key="source").select("web").run()
    assert shown(page) == ["a", "b.jpg"]
    page.selectbox(key="source").select("missing").run()
    assert "cannot be read" in page.error[0].value
    assert page.selectbox(key="source").options == ["pictures", "odd", "missing", "web"]


def test_without_its_server_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIA_SERVER_URL", "http://127.0.0.1:1")
    page = open_page()
    assert "cannot be reached" in page.error[0].value
    assert {button.label for button in page.button} == {"Try again", "Recycle media server"}
    press(page, "Recycle media server")
    assert len(page.error) == 2


def test_where_changes_are_forbidden_there_is_nothing_to_make_them_with() -> None:
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60)
    page.query_params["picture"] = "coffee.png"
    page.run()
    everything = {button.key for button in page.button}
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60)
    page.secrets = {"ALLOW_CHANGES": False}
    page.query_params["picture"] = "coffee.png"
    page.run()
    assert {button.key for button in page.button} == {"previous", "next"}
    assert everything == {"previous", "next", "favourite", "delete", "trash", "recycle"}
    assert "Delete" not in page.expander[-1].markdown[0].value


def test_secrets_are_used_and_checked(server: RunningServer) -> None:
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60)
    page.secrets = {"MODE": "remote_server", "PORT": str(server.port), "DEFAULT_NUM_IMAGES": "2"}
    page.run()
    assert len(shown(page)) == 2
    grid = component(page, "picture_grid")
    assert grid
    links = [link for item in grid["items"] for link, _ in item["thumbnails"]]
    assert links
    assert all(link.startswith(f"{server.url}/thumbnail/") for link in links)
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60)
    page.secrets = {"MODE": "telepathy"}
    page.run()
    assert "MODE" in page.error[0].value


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of three pictures that may be changed, and the server that shows it."""
    folder = tmp_path / "album"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        make_picture(folder / name)
    configuration = 'MEDIA_TYPES = ["png"]\n[MEDIA_SOURCES.album]\nmedia_folder = "../album"\n'
    with running_server(tmp_path, configuration) as server:
        monkeypatch.setenv("MEDIA_SERVER_URL", server.url)
        yield folder


def test_the_trash_is_emptied_after_a_confirmation(album: Path) -> None:
    page = open_page(picture="a.png", sort="Name", ascending="true")
    for left in (["b.png", "c.png"], ["c.png"], []):
        page.button(key="delete").click().run()
        assert [path.name for path in sorted(album.glob("*.png"))] == left
    page.run()
    assert "nothing in this source" in page.info[0].value
    press(page, "Undo")
    assert shown(page) == ["c.png"]
    page.button(key="trash").click().run()
    assert [button.label for button in page.button].count("Restore") == 2
    press(page, "Remove for good")
    assert "2 files removed" in page.toast[0].value
    assert not any((album / ".trash").iterdir())
    assert [path.name for path in album.glob("*.png")] == ["c.png"]


def test_without_favourites_it_says_how_to_make_some(album: Path) -> None:
    page = open_page(favourites="true")
    assert "press F" in page.info[0].value
    press(page, "Show all")
    assert len(shown(page)) == 3


def test_unmarking_in_the_list_of_favourites_goes_on_and_can_be_undone(album: Path) -> None:
    for name in ("a.png", "b.png"):
        open_page(picture=name).button(key="favourite").click().run()
    page = open_page(favourites="true", sort="Name", ascending="true", picture="a.png")
    page.button(key="favourite").click().run()
    assert page.query_params["picture"] in ("b.png", ["b.png"])
    press(page, "Undo")
    assert page.query_params["picture"] in ("a.png", ["a.png"])
    assert shown(page) == ["a.png", "b.png"]


def test_the_layout_is_a_preset_or_set_by_hand() -> None:
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60)
    page.secrets = {"DISPLAY_OPTIONS": {"screen_widths": ["1920"], "num_columns": [4, 5]}}
    page.run()
    assert page.selectbox(key="preset").options == ["4, 480", "5, 384"]
    assert laid_out(page) == (4, 480, False)
    assert page.number_input(key="columns").disabled
    page.selectbox(key="preset").select(5).run()
    assert laid_out(page) == (5, 384, False)
    page.segmented_control(key="size").set_value("By hand").run()
    page.segmented_control(key="layout").set_value("Packed").run()
    assert page.selectbox(key="preset").disabled
    page.number_input(key="columns").set_value(80).run()
    page.number_input(key="width").set_value(32).run()
    assert laid_out(page) == (80, 32, True)


def laid_out(page: AppTest) -> tuple[int, int, bool]:
    grid = component(page, "picture_grid")
    assert grid
    return grid["columns"], grid["width"], grid["packed"]


def test_a_screen_width_keeps_the_columns() -> None:
    page = open_page(preset="5, 256")
    page.selectbox(key="screen").select(1920).run()
    assert laid_out(page) == (5, 384, False)


def test_embedded_it_takes_a_port_that_is_free_by_then() -> None:
    page = AppTest.from_file(str(APP / "app.py"), default_timeout=60)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        page.secrets = {"MODE": "embedded_server", "PORT": port}
        page.run()
        assert f"Port {port} of 127\\.0\\.0\\.1 is taken" in page.error[0].value
        assert "set another PORT" in page.error[0].value
    press(page, "Try again")
    assert set(shown(page)) == PHOTOS
    grid = component(page, "picture_grid")
    assert grid
    links = [link for item in grid["items"] for link, _ in item["thumbnails"]]
    assert all(link.startswith(f"http://127.0.0.1:{port}/thumbnail/photos/") for link in links)
    press(page, "Recycle media server")
    assert "anew" in page.toast[0].value
    assert set(shown(page)) == PHOTOS


def requirements(folder: Path) -> set[str]:
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert ">=" in line
        assert "<" in line
    return {line.partition(">")[0] for line in lines}


def test_page_and_server_need_different_things() -> None:
    assert requirements(APP) == {"streamlit", "httpx", "pillow"}
    assert requirements(APP / "media_server") == {
        "fastapi",
        "fastapi-offline",
        "uvicorn",
        "pillow",
    }


def test_the_manifest_declares_the_server() -> None:
    manifest = tomllib.loads((APP / "app.toml").read_text(encoding="utf-8"))
    service = manifest["services"]["media-server"]
    assert service == {
        "dir": "media_server",
        "asgi": "media_server:app",
        "mount": "api",
        "health": "/health",
    }
    tomllib.loads((APP / ".streamlit" / "secrets.example.toml").read_text(encoding="utf-8"))


def test_sample_media_are_modest_and_attributed() -> None:
    files = [file for file in (APP / "media").rglob("*") if file.suffix in (".png", ".jpg")]
    assert len(files) == 12
    assert sum(file.stat().st_size for file in files) < 6_000_000
    attribution = (APP / "media" / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert [file.name for file in files if file.name not in attribution] == []
