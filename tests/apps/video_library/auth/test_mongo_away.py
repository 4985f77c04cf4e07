"""A MongoDB that goes away and comes again."""

import logging
from pathlib import Path

import pytest
from video_auth import mongo_store
from video_auth.mongo_store import MongoStore

from tests.apps.video_library.auth.world import at_once, bearer, code, running
from tests.apps.video_library.mongo import running_mongodb
from tests.support.asynchronous import bounded
from tests.support.ports import free_port


@bounded
async def test_it_goes_and_comes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mongo_store, "PATIENCE", 1.0)
    caplog.set_level(logging.DEBUG, "video_auth")
    port = free_port()
    uri = f"mongodb://127.0.0.1:{port}/library"
    async with running(lambda: MongoStore(uri)) as world:
        answer = await world.ask("GET", "/health")
        assert (answer.status_code, code(answer)) == (503, "storage-unavailable")
        with running_mongodb(tmp_path / "one", port):
            # The driver looks for it again at most once in half a second.
            while (await world.ask("GET", "/health")).status_code != 200:
                pass
            assert (await world.sign_up()).status_code == 202
            token = (await world.sign_in()).json()["token"]
        for answer in await at_once(
            world.ask("GET", "/health"),
            world.sign_in(),
            world.sign_up(),
            world.current(token),
            world.ask("DELETE", "/sessions/current", headers=bearer(token)),
        ):
            assert (answer.status_code, code(answer)) == (503, "storage-unavailable")
            assert answer.headers["Retry-After"] == "1"
            assert "Traceback" not in answer.text
            assert str(port) not in answer.text
        assert world.hasher.worked == 2  # nothing is hashed that can't be kept
    assert "MongoDB failed" in caplog.text
