"""What a classifier must not do, one mistake each."""

import ast
import functools
import importlib.metadata
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.apps.image_classifier.conftest import COFFEE, SAMPLES
from tests.apps.image_classifier.mistakes.subject import Subject

ROCKET = (SAMPLES / "rocket.jpg").read_bytes()


def no_upload_is_written_under_its_client_s_name(subject: Subject) -> None:
    around = subject.served_from.parent
    before = sorted(around.rglob("*"))
    for name in ("../escaped.png", str(around / "elsewhere.png"), "inside.png"):
        subject.service.post("/predict", files={"file": (name, COFFEE)})
    assert sorted(around.rglob("*")) == before


def the_whole_picture_is_looked_at(subject: Subject) -> None:
    answers = [
        subject.service.post("/predict", files={"file": content}).json()
        for content in (COFFEE, ROCKET)
    ]
    for answer in answers:
        answer.pop("milliseconds", None)
    assert answers[0] != answers[1], "two pictures, one answer"


def page_and_service_mean_the_same_route_and_field(subject: Subject) -> None:
    try:
        subject.classify(str(subject.service.base_url).rstrip("/"), COFFEE)
    except httpx.HTTPStatusError as error:
        raise AssertionError(f"the page is answered {error.response.status_code}") from error


def the_chart_takes_what_the_service_gives(subject: Subject) -> None:
    """Whatever way the answer came: the client of a page that has the route wrong is no excuse."""
    answer = subject.service.post("/predict", files={"file": COFFEE})
    assert answer.is_success
    try:
        bars = subject.bars(_as_the_page_has_it(subject, answer))
    except (KeyError, TypeError, AttributeError) as error:
        raise AssertionError(f"the chart expects another shape: {error!r}") from error
    assert bars
    assert all(0 <= length <= 1 for length in bars.values())
    assert next(iter(bars)) == "espresso"


def _as_the_page_has_it(subject: Subject, answer: httpx.Response) -> object:
    try:
        return subject.classify(str(subject.service.base_url).rstrip("/"), COFFEE)
    except httpx.HTTPStatusError:
        return answer.json()


def what_is_imported_is_required(subject: Subject) -> None:
    for folder in (subject.page_folder, subject.service_folder):
        required = re.findall(r"^[\w-]+", (folder / "requirements.txt").read_text(), re.MULTILINE)
        there = {name for each in required for name in _brings(each)}
        missing = _imports(folder) - there
        assert not missing, f"{folder.name} needs {missing}"


def _imports(folder: Path) -> set[str]:
    """Return the packages that are imported by files there, but for those of other programs."""
    other = {folder / "backend", folder / "locustfile.py"}
    files = [each for each in folder.rglob("*.py") if not other & {each, *each.parents}]
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(each.name.partition(".")[0] for each in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    own = {each.stem for each in folder.iterdir()}
    return found - own - set(sys.stdlib_module_names)


def _brings(distribution: str) -> set[str]:
    """Return what can be imported with a package."""
    name = distribution.lower().replace("_", "-")
    found = {
        module
        for module, names in _packages().items()
        if name in {each.lower().replace("_", "-") for each in names}
    }
    if name == "fastapi":  # whose own parts these are: it documents importing them
        found |= {"pydantic", "starlette", "anyio"}
    return found


@functools.cache
def _packages() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


def commands_name_programs_that_there_are(subject: Subject) -> None:
    path = f"{Path(sys.executable).parent}:/bin:/usr/bin"
    for command in subject.commands:
        words = [word for word in command.split() if not re.match(r"[A-Z_]+=", word)]
        assert words[0] == "cd" or shutil.which(words[0], path=path), command


CHECKS = (
    no_upload_is_written_under_its_client_s_name,
    the_whole_picture_is_looked_at,
    page_and_service_mean_the_same_route_and_field,
    the_chart_takes_what_the_service_gives,
    what_is_imported_is_required,
    commands_name_programs_that_there_are,
)
