"""What the app brings along beside its code: manifest, requirements, README."""

import re
import sys
import tomllib

from api import app
from rest import board, body_limit
from task_runner import pool

from tests.apps.task_runner.conftest import APP

README = (APP / "README.md").read_text(encoding="utf-8")


def test_the_manifest_declares_the_api_in_three_lines() -> None:
    text = (APP / "app.toml").read_text(encoding="utf-8")
    manifest = tomllib.loads(text)
    assert set(manifest) == {"name", "description", "icon", "tags", "services"}
    assert manifest["services"] == {"api": {"asgi": "api:app", "mount": "api"}}
    declared = text[text.index("[services.api]") :].strip()
    assert len(declared.splitlines()) == 3
    assert all(line in README for line in declared.splitlines())


def test_requirements_are_what_is_imported() -> None:
    lines = (APP / "requirements.txt").read_text(encoding="utf-8").split()
    assert lines[0] == "../../streamlit_kit"
    assert all(">=" in line and "<" in line for line in lines[1:])
    required = {re.split("[<>]", line)[0].replace("-", "_") for line in lines[1:]}
    imported = set()
    for file in APP.rglob("*.py"):
        found = re.findall(r"^\s*(?:from|import) (\w+)", file.read_text("utf-8"), re.MULTILINE)
        imported.update(found)
    own = {path.stem for path in APP.iterdir()} | {"streamlit_kit"}
    come_along = {"pydantic", "starlette", "pillow"}  # with FastAPI; Pillow is imported as PIL
    assert (imported - own - set(sys.stdlib_module_names) - {"PIL"}) ^ required <= come_along
    assert "pillow" in required


def test_the_readme_has_every_route_and_bound() -> None:
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path.replace('job_id', 'id')}`" in README
    assert f"| run at once | {pool.WORKERS}, of them 3 of one visitor | {board.WORKERS} |" in README
    assert f"| wait | 20 of one visitor | {board.MOST_WAITING} |" in README
    assert f"for an hour | {board.MOST_KEPT}, for ten minutes |" in README
    assert board.TTL == 600
    assert f"| {body_limit.MOST_BYTES // 1024} KiB |" in README
