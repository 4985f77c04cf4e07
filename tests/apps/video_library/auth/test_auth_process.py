"""The service as people start it: processes of its own."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.apps.video_library.auth.auth_process import AuthProcess, auth_process, client_of
from tests.apps.video_library.auth.world import ADA, EMAIL, PASSWORD, bearer
from tests.apps.video_library.mongo import MongoServer
from tests.support.waiting import until

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthProcess]:
    """One process for several tests, each of which is another visitor."""
    with auth_process(tmp_path_factory.mktemp("auth") / "data") as process:
        yield process


def test_a_visit(process: AuthProcess) -> None:
    with client_of(process, "198.51.100.1") as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.post("/users", json=ADA).status_code == 202
        token = client.post("/sessions", json=ADA).json()["token"]
        current = client.get("/sessions/current", headers=bearer(token))
        assert current.json()["email"] == EMAIL
        assert client.delete("/sessions/current", headers=bearer(token)).status_code == 204
    assert PASSWORD not in process.said
    assert token not in process.said
    assert EMAIL not in process.said


def test_the_visitor_is_whom_the_web_api_names(process: AuthProcess) -> None:
    wrong = {"email": "eve@example.org", "password": "wrong wrong"}
    with client_of(process, "198.51.100.2") as one, client_of(process, "198.51.100.3") as other:
        statuses = [one.post("/sessions", json=wrong).status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        assert other.post("/sessions", json=wrong).status_code == 401


def test_a_body_without_a_length_is_small_too(process: AuthProcess) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(10_000):
            yield b" " * 1000

    with client_of(process) as client:
        headers = {"Content-Type": "application/json"}
        try:
            answer = client.post("/users", content=endless(), headers=headers)
        except httpx.TransportError:
            return  # it was hung up on before all was sent
        assert answer.status_code == 413


def test_two_processes_on_one_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with auth_process(data) as one, auth_process(data) as other:
        with client_of(one) as first, client_of(other) as second:
            assert first.post("/users", json=ADA).status_code == 202
            token = second.post("/sessions", json=ADA).json()["token"]
            one.end()
            assert second.get("/sessions/current", headers=bearer(token)).status_code == 200
        other.end()


def test_a_crash_loses_no_account_that_was_acknowledged(tmp_path: Path) -> None:
    data = tmp_path / "data"
    acknowledged: list[str] = []
    with auth_process(data) as process:
        threads = [
            threading.Thread(target=_sign_up_until_gone, args=(process, n, acknowledged))
            for n in range(4)
        ]
        for each in threads:
            each.start()
        until(lambda: len(acknowledged) > 40, "forty sign-ups")
        process.kill()
        for each in threads:
            each.join(20)
    assert not any(each.is_alive() for each in threads)
    with closing(sqlite3.connect(data / "auth.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = {email for (email,) in connection.execute("SELECT email FROM users")}
    assert kept >= set(acknowledged)
    with auth_process(data) as process, client_of(process) as client:
        for email in acknowledged[-3:]:
            given = {"email": email, "password": PASSWORD}
            assert client.post("/sessions", json=given).status_code == 201


def test_mongodb_is_used_where_it_is_named(tmp_path: Path, mongodb: MongoServer) -> None:
    data = tmp_path / "data"
    with mongodb.database() as uri:
        with auth_process(data, MONGODB_URI=uri) as process, client_of(process) as client:
            assert client.post("/users", json=ADA).status_code == 202
            assert client.post("/sessions", json=ADA).status_code == 201
            process.kill()
        with auth_process(data, MONGODB_URI=uri) as process, client_of(process) as client:
            assert client.post("/sessions", json=ADA).status_code == 201
            process.end()
    assert not data.exists()


def test_a_setting_that_cannot_be_ends_it_with_a_sentence(tmp_path: Path) -> None:
    uri = "mongodb://ada:hunter2@db:x/"
    with auth_process(tmp_path / "data", MONGODB_URI=uri, SESSION_DAYS="soon") as process:
        assert process.wait() != 0
        assert "MONGODB_URI: this is not a MongoDB connection string" in process.said
        assert "SESSION_DAYS: Input should be a valid number" in process.said
        assert "hunter2" not in process.said
        assert "Traceback" not in process.said


def _sign_up_until_gone(process: AuthProcess, number: int, acknowledged: list[str]) -> None:
    with client_of(process) as client:
        for count in range(100_000):
            email = f"{number}.{count}@example.org"
            try:
                answer = client.post("/users", json={"email": email, "password": PASSWORD})
            except httpx.TransportError:
                return
            if answer.status_code == 202:
                acknowledged.append(email)
