"""The file of the SQLite driver: who may read it, who else has it, and what if it is gone."""

import asyncio
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from video_auth import sqlite_file as sqlite_file_module
from video_auth.error import StorageRefused, StorageUnavailable
from video_auth.main import opened
from video_auth.settings import Settings
from video_auth.sqlite_store import SqliteStore
from video_auth.store import Session, User

from tests.apps.video_library.auth.world import EMAIL, PASSWORD, bearer, code, running
from tests.support.asynchronous import bounded

USER = User("1", EMAIL, EMAIL, "a hash", 1.0)


@contextmanager
def opened_by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@bounded
async def test_nobody_else_may_read_it(sqlite_file: Path) -> None:
    store = SqliteStore(sqlite_file)
    await store.add_user(USER)
    assert mode(sqlite_file.parent) == 0o700
    files = sorted(sqlite_file.parent.iterdir())
    assert [each.name for each in files] == ["auth.db", "auth.db-shm", "auth.db-wal"]
    assert {mode(each) for each in files} == {0o600}
    await store.close()


@bounded
async def test_a_file_that_others_could_read_is_closed_to_them(sqlite_file: Path) -> None:
    sqlite_file.parent.mkdir()
    sqlite_file.touch(mode=0o644)
    store = SqliteStore(sqlite_file)
    await store.ping()
    assert mode(sqlite_file) == 0o600
    await store.close()


@bounded
async def test_many_that_make_it_at_once(sqlite_file: Path) -> None:
    stores = [SqliteStore(sqlite_file) for _ in range(8)]
    users = [User(str(n), f"{n}@x", f"{n}@x", "h", 1.0) for n in range(8)]
    added = await asyncio.gather(
        *(store.add_user(user) for store, user in zip(stores, users, strict=True))
    )
    assert added == [True] * 8
    for store in stores:
        await store.close()


@bounded
async def test_a_newer_schema_is_left_alone(sqlite_file: Path) -> None:
    sqlite_file.parent.mkdir()
    with opened_by_hand(sqlite_file) as connection:
        connection.execute("PRAGMA user_version = 2")
    store = SqliteStore(sqlite_file)
    with pytest.raises(StorageRefused, match=r"auth\.db has schema version 2, this"):
        await store.ping()
    await store.close()
    with pytest.raises(StorageRefused):  # so that the service does not start at all
        async with opened(Settings(data_dir=sqlite_file.parent)):
            pass
    async with running(lambda: SqliteStore(sqlite_file)) as world:
        answer = await world.ask("GET", "/health")
        assert (answer.status_code, code(answer)) == (503, "storage-unavailable")


@pytest.mark.parametrize("content", [b"no database " * 100, b"SQLite format 3\0" + b"\xff" * 4096])
@bounded
async def test_what_is_no_database_is_left_alone(sqlite_file: Path, content: bytes) -> None:
    sqlite_file.parent.mkdir()
    sqlite_file.write_bytes(content)
    store = SqliteStore(sqlite_file)
    with pytest.raises(StorageUnavailable):
        await store.add_user(USER)
    await store.close()
    assert sqlite_file.read_bytes() == content


@bounded
async def test_while_another_has_it_locked(
    sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file_module, "BUSY_SECONDS", 0.1)
    async with running(lambda: SqliteStore(sqlite_file)) as world:
        await world.sign_up()
        token = (await world.sign_in()).json()["token"]
        with opened_by_hand(sqlite_file) as connection:
            connection.execute("BEGIN IMMEDIATE")
            answer = await world.sign_in()
            assert (answer.status_code, code(answer)) == (503, "storage-unavailable")
            assert answer.headers["Retry-After"] == "1"
            # Who is signed in goes on all the same.
            assert (await world.current(token)).status_code == 200
            connection.execute("ROLLBACK")
        assert (await world.sign_in()).status_code == 201


@bounded
async def test_a_lock_that_ends_is_waited_for(sqlite_file: Path) -> None:
    store = SqliteStore(sqlite_file)
    await store.ping()
    with opened_by_hand(sqlite_file) as connection:
        connection.execute("BEGIN IMMEDIATE")
        adding = asyncio.create_task(store.add_user(USER))
        done, _ = await asyncio.wait([adding], timeout=0.05)
        assert not done
        connection.execute("ROLLBACK")
    assert await adding
    await store.close()


@bounded
async def test_a_file_that_is_gone_is_missed_and_not_made_anew(sqlite_file: Path) -> None:
    async with running(lambda: SqliteStore(sqlite_file)) as world:
        await world.sign_up()
        token = (await world.sign_in()).json()["token"]
        elsewhere = sqlite_file.parent.with_name("elsewhere")
        sqlite_file.parent.rename(elsewhere)
        for answer in (
            await world.ask("GET", "/health"),
            await world.sign_in(),
            await world.sign_up({"email": "bob@example.org", "password": PASSWORD}),
            await world.current(token),
            await world.ask("DELETE", "/sessions/current", headers=bearer(token)),
        ):
            assert (answer.status_code, code(answer)) == (503, "storage-unavailable")
            assert str(sqlite_file) not in answer.text
        assert not sqlite_file.exists()
        elsewhere.rename(sqlite_file.parent)
        assert (await world.current(token)).status_code == 200
        assert (await world.sign_in()).status_code == 201


@bounded
async def test_a_file_that_was_put_in_its_place_is_used(sqlite_file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    store = SqliteStore(backup)
    await store.add_user(USER)
    await store.close()
    store = SqliteStore(sqlite_file)
    assert await store.find_user(EMAIL) is None
    for each in sqlite_file.parent.iterdir():
        each.unlink()
    backup.rename(sqlite_file)
    assert await store.find_user(EMAIL) == USER
    await store.add_session(Session("digest", USER.id, 1.0, 9.0), 5)
    assert await store.find_session("digest", 1.0) is not None
    await store.close()


@bounded
async def test_a_disk_that_is_full_is_told_until_there_is_room(sqlite_file: Path) -> None:
    users = [User(str(n), f"{n}@x", f"{n}@x", "h" * 3000, 1.0) for n in range(20)]
    store = SqliteStore(sqlite_file)
    await store.ping()
    await store.add_user(USER)
    writing = store._writing.file.connection()
    size = writing.execute("PRAGMA page_count").fetchone()[0]
    writing.execute(f"PRAGMA max_page_count = {size + 4}")
    added = await asyncio.gather(*map(store.add_user, users), return_exceptions=True)
    assert isinstance(added[-1], StorageUnavailable)
    assert await store.find_user(EMAIL) == USER
    writing.execute("PRAGMA max_page_count = 100000")
    assert await store.add_user(users[-1])
    await store.close()


@bounded
async def test_what_fails_when_it_is_to_be_kept_is_not_kept(sqlite_file: Path) -> None:
    store = SqliteStore(sqlite_file)
    await store.ping()

    def change() -> None:
        with store._writing.file.transaction() as connection:
            connection.execute("PRAGMA defer_foreign_keys = ON")  # it is the commit that fails
            connection.execute("INSERT INTO sessions VALUES ('digest', 'nobody', 1, 2)")

    with pytest.raises(StorageUnavailable):
        await store._writing.do(change)
    assert await store.add_user(USER)
    assert await store.find_session("digest", 1.0) is None
    await store.close()


@bounded
async def test_what_fails_half_way_changes_nothing(sqlite_file: Path) -> None:
    store = SqliteStore(sqlite_file)
    await store.ping()
    with pytest.raises(StorageUnavailable):
        await store.add_session(Session("digest", "nobody", 1.0, 9.0), 5)
    assert await store.add_user(USER)
    await store.close()
