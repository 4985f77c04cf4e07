"""What the tests of the auth service share: its package on the path, and each driver's database."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.apps.video_library.mongo import MongoServer
from tests.apps.video_library.mongo import mongodb as mongodb
from tests.apps.video_library.mongo import mongodb_uri as mongodb_uri

SERVICE = Path(__file__).resolve().parents[4] / "apps/video-library/auth"

# It is no package of the project: the service is started in this folder.
sys.path.append(str(SERVICE))

from video_auth.mongo_store import MongoStore  # noqa: E402
from video_auth.sqlite_store import SqliteStore  # noqa: E402
from video_auth.store import Store  # noqa: E402

NewStore = Callable[[], Store]


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "auth.db"


@pytest.fixture(params=["sqlite", "mongodb"])
def new_store(
    request: pytest.FixtureRequest, sqlite_file: Path, mongodb: MongoServer
) -> Iterator[NewStore]:
    """Opens one database, as often as it is called: once for each process that shares it."""
    if request.param == "sqlite":
        yield lambda: SqliteStore(sqlite_file)
    else:
        with mongodb.database() as uri:
            yield lambda: MongoStore(uri)
