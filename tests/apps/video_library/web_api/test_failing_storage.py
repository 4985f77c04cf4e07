"""A storage that is away, of another release or out of order: told, and no more than that."""

import logging
import sqlite3
from pathlib import Path

import httpx
import pytest
from video_api.sqlite_rows import SqliteRows
from video_api.storage import StorageTooNew

from tests.apps.video_library.mongo import running_mongodb
from tests.apps.video_library.web_api.serving import Api, api_of, embedded_api, error_of
from tests.support.asynchronous import bounded
from tests.support.ports import free_port
from tests.support.waiting import until


def status(api: Api) -> int:
    return httpx.get(f"{api.url}/health", trust_env=False, timeout=30).status_code


def test_a_database_that_comes_late_goes_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("video_api.mongo_database._SELECTION_MS", 300)
    monkeypatch.setattr("video_api.sweeping.LONGEST_RETRY", 0.5)
    port, folder = free_port(), tmp_path / "mongodb"
    folder.mkdir()
    uri = f"mongodb://127.0.0.1:{port}/library"
    with api_of({"mongodb_uri": uri}) as api, api.visitor() as visitor:
        for _ in range(2):
            for method, path in (
                ("GET", "/health"),
                ("GET", "/videos"),
                ("GET", f"/stream/{'0' * 32}"),
            ):
                answer = visitor.http.request(method, path)
                assert (answer.status_code, error_of(answer)) == (503, "storage-unavailable")
            assert error_of(visitor.upload()) == "storage-unavailable"
            with running_mongodb(folder, port):
                until(lambda: status(api) == 200, "the database's return")
                until(lambda: visitor.upload().status_code == 202, "an upload")
    assert "127.0.0.1:" not in " ".join(
        each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR
    )


def test_a_database_that_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("video_api.sqlite_rows._BUSY_SECONDS", 0.2)
    with embedded_api(tmp_path) as api, api.visitor() as visitor:
        video = visitor.uploaded()
        other = sqlite3.connect(tmp_path / "library.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = visitor.upload()
        assert (answer.status_code, error_of(answer)) == (503, "storage-unavailable")
        assert len(visitor.videos()) == 1  # who only reads is not held up
        assert visitor.http.get(video["stream"]).status_code == 200
        other.execute("ROLLBACK")
        other.close()
        assert visitor.uploaded()["status"] == "ready"


@bounded
async def test_a_database_of_a_newer_release(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    rows = SqliteRows(path)
    with pytest.raises(StorageTooNew, match="newer release"):
        await rows.open()
    await rows.close()


def test_files_are_nobody_elses(tmp_path: Path) -> None:
    with embedded_api(tmp_path / "new" / "data") as api, api.visitor() as visitor:
        visitor.uploaded()
        data = tmp_path / "new" / "data"
        for folder in (data, data / "videos"):
            assert folder.stat().st_mode & 0o077 == 0
        for file in (*data.glob("library.db*"), *(data / "videos").iterdir()):
            assert file.stat().st_mode & 0o077 == 0
