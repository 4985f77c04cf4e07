"""What the tests of the web API share: a storage of each kind, and an API of each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from video_api.drivers import drivers
from video_api.settings import Settings
from video_api.storage import VideoBytes, VideoRows

from tests.apps.video_library.mongo import MongoServer
from tests.apps.video_library.web_api.serving import Api, api_of, embedded_api

Drivers = tuple[VideoRows, VideoBytes]


@pytest.fixture(params=["embedded", "mongodb"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, mongodb: MongoServer
) -> Iterator[Settings]:
    """Settings for a storage of each kind, with nothing in it."""
    if request.param == "embedded":
        yield Settings(data_dir=tmp_path / "data", mongodb_uri=None)
    else:
        with mongodb.database() as uri:
            yield Settings(mongodb_uri=uri)


@pytest.fixture
def new_drivers(settings: Settings) -> Callable[[], Drivers]:
    """Makes drivers of one storage, as often as it is called: one for each process of it."""
    return lambda: drivers(settings)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One API for all tests of a module; visitors of it see nothing of one another."""
    with embedded_api(tmp_path_factory.mktemp("api"), uploads_at_once=3) as api:
        yield api


@pytest.fixture(scope="module")
def mongo_api(mongodb: MongoServer) -> Iterator[Api]:
    """The same over MongoDB."""
    with mongodb.database() as uri, api_of({"mongodb_uri": uri}) as api:
        yield api


@pytest.fixture(params=["embedded", "mongodb"])
def each_api(request: pytest.FixtureRequest, api: Api, mongo_api: Api) -> Api:
    """Both, one after the other."""
    return api if request.param == "embedded" else mongo_api
