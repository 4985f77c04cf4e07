"""Icons: what is shown, and what no declared path may reach."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from streamlit_site.icons import MAX_BYTES, Icon, image_file, monogram
from tests.site.statuses import Fixed

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the app called demo, with images and with what must stay private."""
    folder = tmp_path / "apps" / "demo"
    folder.mkdir(parents=True)
    (folder / "icon.png").write_bytes(PNG)
    (folder / "icon.svg").write_text("<svg onload='alert(1)'/>")
    (folder / "big.png").write_bytes(b"x" * (MAX_BYTES + 1))
    (folder / "secrets.toml").write_text("password")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "outside.png").write_bytes(PNG)
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "trick.png").symlink_to(folder / "secrets.toml")
    (folder / "folder.png").mkdir()
    return folder


@pytest.mark.parametrize("declared", ["icon.png", "./icon.png", "folder.png/../icon.png"])
def test_an_image_of_the_app_is_served(
    client: FlaskClient, source: Fixed, folder: Path, declared: str
) -> None:
    source.change("demo", icon=declared)
    answer = client.get("/api/v1/apps/demo/icon")
    assert answer.data == PNG
    assert answer.mimetype == "image/png"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    tag = answer.headers["ETag"]
    answer.close()
    with client.get("/api/v1/apps/demo/icon", headers={"If-None-Match": tag}) as again:
        assert again.status_code == 304
    assert '<img src="/api/v1/apps/demo/icon"' in client.get("/").text


@pytest.mark.parametrize(
    "declared",
    [
        "../../outside.png", "/etc/passwd", "/etc/passwd.png", "secrets.toml", "link.png",
        "trick.png", "folder.png", "big.png", "missing.png", "\x00.png", ".", "",
        "../demo/../../config.json", "a" * 5000 + ".png",
    ],
)  # fmt: skip
def test_nothing_else_is_served(
    client: FlaskClient, source: Fixed, folder: Path, declared: str
) -> None:
    source.change("demo", icon=declared)
    answer = client.get("/api/v1/apps/demo/icon")
    assert answer.mimetype == "image/svg+xml"
    assert ">D</text>" in answer.text


def test_an_absolute_path_outside_is_refused(folder: Path, tmp_path: Path) -> None:
    assert image_file(folder, str(tmp_path / "outside.png")) is None
    assert image_file(folder, str(folder / "icon.png")) == folder / "icon.png"


def test_a_script_in_an_svg_cannot_run(client: FlaskClient, source: Fixed, folder: Path) -> None:
    source.change("demo", icon="icon.svg")
    with client.get("/api/v1/apps/demo/icon") as answer:
        assert answer.mimetype == "image/svg+xml"
        policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def test_the_folder_may_lie_elsewhere(client: FlaskClient, source: Fixed, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "icon.png").write_bytes(PNG)
    source.change("demo", icon="icon.png", dir="elsewhere")
    with client.get("/api/v1/apps/demo/icon") as answer:
        assert answer.data == PNG


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("👋", "emoji"), ("🖼️", "emoji"), ("⚡", "emoji"), ("👩🏽‍🚀", "emoji"), ("🇨🇭", "emoji"),
        (None, "monogram"), (7, "monogram"), (":material/home:", "monogram"),
        ("<b>", "monogram"), ("hello", "monogram"), ("👋" * 20, "monogram"),
    ],
)  # fmt: skip
def test_kinds(tmp_path: Path, declared: object, kind: str) -> None:
    icon = Icon.parse(declared, name="Media explorer", key="media", folder=tmp_path)
    assert icon.kind == kind
    if kind == "monogram":
        assert icon.text == "ME"
    assert icon.svg().startswith("<svg ")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sales by region", "SB"),
        ("hello", "H"),
        ("  ", "?"),
        ("a_b", "AB"),
        ("(ünal)", "Ü"),
        ("ß", "SS"),
    ],
)
def test_monograms(name: str, expected: str) -> None:
    assert monogram(name) == expected


def test_an_emoji_becomes_an_image(client: FlaskClient, source: Fixed) -> None:
    source.change("demo", icon="👋")
    answer = client.get("/api/v1/apps/demo/icon")
    assert answer.mimetype == "image/svg+xml"
    assert "👋" in answer.text
    assert '<span class="icon icon--emoji' in client.get("/").text


def test_unknown_apps_have_none(client: FlaskClient) -> None:
    assert client.get("/api/v1/apps/nope/icon").status_code == 404


@given(st.text())
def test_no_declared_path_leaves_the_folder(declared: str) -> None:
    file = image_file(Path("/nonexistent-folder"), declared)
    assert file is None
