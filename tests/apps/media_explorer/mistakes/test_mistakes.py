"""No known mistake is made here; and each check finds its mistake where it is made."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.apps.media_explorer.mistakes import page_checks, server_checks, service_checks
from tests.apps.media_explorer.mistakes.naive_pages import NaivePages
from tests.apps.media_explorer.mistakes.naive_server import naive_app
from tests.apps.media_explorer.mistakes.naive_service import NaiveService
from tests.apps.media_explorer.mistakes.ours import ours
from tests.apps.media_explorer.mistakes.subject import Subject, furnish_subject

Check = Callable[[Subject], None]
CHECKS: tuple[Check, ...] = (
    *service_checks.CHECKS,
    *server_checks.CHECKS,
    *page_checks.CHECKS,
)
all_checks = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = furnish_subject(tmp_path)
    monkeypatch.chdir(folder)  # the only working directory in which the naive one works at all
    return folder


@pytest.fixture
def subject(tmp_path: Path, folder: Path) -> Iterator[Subject]:
    made = ours(tmp_path, folder)
    yield made
    made.pages.stop()


@pytest.fixture
def naive(tmp_path: Path, folder: Path) -> Iterator[Subject]:
    made = Subject(tmp_path, NaiveService(folder), naive_app(folder), NaivePages(folder))
    yield made
    made.pages.stop()


@all_checks
def test_it_is_not_made_here(check: Check, subject: Subject) -> None:
    check(subject)


@all_checks
def test_it_is_found_where_it_is_made(check: Check, naive: Subject) -> None:
    with pytest.raises(AssertionError):
        check(naive)
