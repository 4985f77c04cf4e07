"""No known mistake is made here; and each check finds its mistake where it is made."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from image_classifier.main import create_app
from image_classifier.settings import Settings

from tests.apps.image_classifier.conftest import serving
from tests.apps.image_classifier.mistakes.checks import CHECKS
from tests.apps.image_classifier.mistakes.naive import naive, naive_app
from tests.apps.image_classifier.mistakes.ours import ours
from tests.apps.image_classifier.mistakes.subject import Subject

Check = Callable[[Subject], None]
all_checks = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@pytest.fixture
def served_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "around" / "service"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def subject(model_dir: Path, served_from: Path) -> Iterator[Subject]:
    with serving(create_app(Settings(model_dir=model_dir))) as client:
        yield ours(client, served_from)


@pytest.fixture
def naive_one(tmp_path: Path, served_from: Path) -> Iterator[Subject]:
    with serving(naive_app(served_from)) as client:
        yield naive(client, served_from, tmp_path / "files")


@all_checks
def test_it_is_not_made_here(check: Check, subject: Subject) -> None:
    check(subject)


@all_checks
def test_it_is_found_where_it_is_made(check: Check, naive_one: Subject) -> None:
    with pytest.raises(AssertionError):
        check(naive_one)
