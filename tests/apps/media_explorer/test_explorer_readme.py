"""The app's own README against its code."""

import re
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest
import server_error
from explorer.display_options import DisplayOptions
from explorer.settings import MODES
from media_config import ServiceConfig
from media_error import MediaConfigError
from media_server import load_app

from tests.apps.media_explorer.conftest import APP, SERVER

README = (APP / "README.md").read_text(encoding="utf-8")
CODE = "".join(
    path.read_text(encoding="utf-8")
    for folder in (APP, APP / "explorer", SERVER)
    for path in folder.glob("*.py")
)


def rows(heading: str) -> list[list[str]]:
    """The cells of the rows of the table that has such a heading."""
    table = README[README.index(f"\n| {heading} |") :].lstrip().partition("\n\n")[0]
    lines = table.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_route_is_there_and_no_other() -> None:
    told = {(cell.split()[0], quoted(cell)[0]) for cell, _ in rows("route")}
    described = load_app().openapi()["paths"]
    made = {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert told == made | {("GET", "/")}


def test_every_code_of_an_error_is_there_with_its_status() -> None:
    told = {code: int(status) for status, codes in rows("status") for code in quoted(codes)}
    assert told == {
        **server_error._STATUS,
        "range-not-satisfiable": 416,
        "invalid-parameter": 422,
    }


def test_modes_settings_and_variables_are_those_of_the_code() -> None:
    assert {quoted(mode)[0] for mode, _ in rows("`MODE`")} == set(MODES)
    example = (APP / ".streamlit" / "secrets.example.toml").read_text(encoding="utf-8")
    for cell, _, _ in rows("key | default | meaning"):
        assert all(re.search(rf"^(# )?{key} = ", example, re.MULTILINE) for key in quoted(cell))
    for cell, _, _ in rows("variable"):
        assert f'"{quoted(cell)[0]}"' in CODE


def test_the_display_options_are_those_of_the_code() -> None:
    told = {quoted(cell)[0]: default for cell, default in rows("`[DISPLAY_OPTIONS]`")}
    made = {
        key: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for key, value in asdict(DisplayOptions()).items()
    }
    assert told == made


def test_the_keys_of_the_media_service_are_those_of_the_code(tmp_path: Path) -> None:
    keys = [quoted(cell)[0] for cell, _ in rows("key | meaning")]
    with pytest.raises(MediaConfigError) as caught:
        ServiceConfig.parse({"NO": 1, "MEDIA_SOURCES": {"a": {"no": 1}}}, base=tmp_path)
    for key in keys:
        assert key.strip("[]").partition(".")[0] in caught.value.message
    tomllib.loads((SERVER / "media_service.example.toml").read_text(encoding="utf-8"))
