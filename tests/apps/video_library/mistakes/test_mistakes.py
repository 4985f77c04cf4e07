"""No known mistake is made here; and each check finds its mistake where it is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp
from video_api.application import create_app
from video_api.mongo_database import InvalidMongoUri, new_client
from video_api.settings import Settings

from tests.apps.video_library.mistakes.checks import CHECKS
from tests.apps.video_library.mistakes.naive import naive_app
from tests.apps.video_library.mistakes.subject import LARGEST, Subject
from tests.apps.video_library.web_api.fake_auth import FakeAuth
from tests.apps.video_library.web_api.serving import served

Check = Callable[[Subject], None]
NewApp = Callable[[Path, FakeAuth], ASGIApp]
all_checks = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


def ours(folder: Path, auth: FakeAuth) -> ASGIApp:
    settings = Settings(data_dir=folder, max_upload_bytes=LARGEST, mongodb_uri=None)
    return create_app(settings, httpx.ASGITransport(auth))


def naive(folder: Path, auth: FakeAuth) -> ASGIApp:
    return naive_app(folder, httpx.ASGITransport(auth))


@contextmanager
def subject_of(new_app: NewApp, root: Path) -> Iterator[Subject]:
    auth = FakeAuth()
    app, other = new_app(root / "one", auth), new_app(root / "other", FakeAuth())
    with served(app) as url, served(other) as other_url:
        yield Subject(url, auth, root / "one", other_url)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    with subject_of(ours, tmp_path_factory.mktemp("good")) as subject:
        yield subject


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    with subject_of(naive, tmp_path_factory.mktemp("bad")) as subject:
        yield subject


@all_checks
def test_it_is_not_made_here(check: Check, good: Subject) -> None:
    good.auth.answers.clear()
    check(good)


@all_checks
def test_it_is_found_where_it_is_made(check: Check, bad: Subject) -> None:
    bad.auth.answers.clear()
    with pytest.raises(AssertionError):
        check(bad)


def test_no_database_is_open_to_everybody() -> None:
    with pytest.raises(InvalidMongoUri):
        new_client("mongodb://mongo.example:27017/library")
