"""What may import what, and how long a file may be."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("streamlit_controls", "streamlit_site", "streamlit_kit")
LONGEST = 260

IMPURE = frozenset(
    {"os", "socket", "subprocess", "time", "asyncio", "threading", "select", "signal", "random"}
    | {"multiprocessing", "shutil", "tempfile", "datetime", "concurrent", "ssl", "http", "urllib"}
)
"""Modules of the standard library that act on the world, or look at it."""


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, wherever in it; relative ones are not used."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(level=0, module=str(module), names=names):
                yield from (f"{module}.{name.name}" for name in names)
            case ast.ImportFrom():
                raise AssertionError(f"{path}:{node.lineno}: a relative import")


def wrong(paths: list[Path], *, ours: tuple[str, ...], others: frozenset[str] | None) -> list[str]:
    """Return the imports that are neither of `ours` nor, where given, of `others`."""
    assert paths
    found = []
    for path in paths:
        for module in imports(path):
            top = module.partition(".")[0]
            if top in OURS:
                good = any(module == each or module.startswith(f"{each}.") for each in ours)
            else:
                good = others is None or top in others
            if not good:
                found.append(f"{path.relative_to(ROOT)} imports {module}")
    return found


STANDARD = frozenset(sys.stdlib_module_names)
COMMON = tuple(
    f"streamlit_controls.{name}"
    for name in ("bubblewrap", "core", "project", "configuration", "disk", "logfile")
)


def test_core_imports_only_core() -> None:
    allowed = (STANDARD - IMPURE) | {"pydantic", "pydantic_core"}
    core = files("streamlit_controls/core")
    assert wrong(core, ours=("streamlit_controls.core",), others=allowed) == []


def test_manager_imports_neither_controller_nor_site() -> None:
    ours = (*COMMON, "streamlit_controls.manager", "streamlit_controls.__version__")
    assert wrong(files("streamlit_controls/manager"), ours=ours, others=None) == []


def test_controller_reaches_the_manager_only_through_the_client() -> None:
    ours = (
        *COMMON,
        "streamlit_controls.client",
        "streamlit_controls.controller",
        "streamlit_controls.__version__",
    )
    assert wrong(files("streamlit_controls/controller"), ours=ours, others=None) == []


def test_site_reaches_the_manager_only_through_the_client() -> None:
    ours = (
        *COMMON,
        "streamlit_controls.client",
        "streamlit_site",
        "streamlit_controls.__version__",
    )
    assert wrong(files("streamlit_site"), ours=ours, others=None) == []


def test_client_imports_core_and_the_standard_library() -> None:
    ours = ("streamlit_controls.core", "streamlit_controls.project")
    client = [ROOT / "streamlit_controls/client.py"]
    assert wrong(client, ours=ours, others=STANDARD) == []


def test_runner_imports_nothing_of_ours() -> None:
    siblings = {path.stem for path in files("streamlit_controls/runner")}
    allowed = STANDARD | siblings | {"streamlit", "uvicorn"}
    programs = files("streamlit_controls/runner")
    page = ROOT / "streamlit_controls/runner/rehearsal_script.py"  # an app like any other
    assert wrong([each for each in programs if each != page], ours=(), others=allowed) == []


@pytest.mark.parametrize("name", ["keeper", "bootstrap"])
def test_what_must_run_without_our_environment_is_standard_library(name: str) -> None:
    paths = files(f"streamlit_controls/{name}")
    assert wrong(paths, ours=(f"streamlit_controls.{name}",), others=STANDARD) == []


def test_logfile_stands_alone() -> None:
    ours = ("streamlit_controls.logfile",)
    assert wrong(files("streamlit_controls/logfile"), ours=ours, others=STANDARD) == []


def test_the_kit_imports_nothing_else_of_ours_and_nothing_but_streamlit() -> None:
    kit = files("streamlit_kit")
    assert wrong(kit, ours=("streamlit_kit",), others=STANDARD | {"streamlit"}) == []


def test_the_kit_uses_only_what_streamlit_documents() -> None:
    allowed = {"streamlit", "streamlit.errors.DuplicateWidgetID"}
    allowed |= {"streamlit.errors.StreamlitAPIException"}
    used = {module for path in files("streamlit_kit") for module in imports(path)}
    assert {module for module in used if module.partition(".")[0] == "streamlit"} <= allowed


def test_tasks_know_sessions_only_where_apps_reach_them() -> None:
    tasks = files("streamlit_kit/src/streamlit_kit/tasks")
    pure = [path for path in tasks if path.name != "manager.py"]
    ours = ("streamlit_kit.tasks", "streamlit_kit.errors")
    assert wrong(pure, ours=ours, others=STANDARD) == []


def test_no_file_is_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files(*OURS)
    }
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}
