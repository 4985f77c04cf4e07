"""The app's own README against its code."""

import re
from pathlib import Path

from library_page import addresses
from video_api.application import create_app
from video_api.settings import Settings as ApiSettings
from video_auth.settings import Settings as AuthSettings

from tests.apps.video_library.processes import APP

README = (APP / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the rows of the table that has such a heading."""
    table = README[README.index(f"\n| {heading} |") :].lstrip().partition("\n\n")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


def test_every_route_is_there_and_no_other() -> None:
    told = {tuple(cell.strip("`").split()) for cell, _ in rows("route")}
    described = create_app(ApiSettings()).openapi()["paths"]
    made = {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert told == made - {("GET", "/"), ("HEAD", "/stream/{video_id}")}


def test_every_variable_is_one_of_the_part_that_it_is_said_to_be_of() -> None:
    known = {
        "web API": {name.upper() for name in ApiSettings.model_fields},
        "auth": {name.upper() for name in AuthSettings.model_fields},
        "page": set(re.findall(r'"(API_\w+)"', Path(addresses.__file__).read_text())),
    }
    told: dict[str, set[str]] = {part: set() for part in known}
    for cell, parts, _, _ in rows("variable"):
        for part in parts.split(", "):
            told[part].update(re.findall(r"`(\w+)`", cell))
    assert told["page"] == known["page"]
    assert told["web API"] == known["web API"]
    assert told["auth"] == known["auth"]


def test_what_it_starts_is_there() -> None:
    for folder, program in re.findall(r"\(cd (\w+) && uvicorn (\w+)\.main:app", README):
        assert (APP / folder / program / "main.py").is_file()
    for file in re.findall(r"-r (\S+)", README):
        assert (APP / file).is_file()
