"""What is done beside a sign-in or sign-up, and fails none of them."""

from pathlib import Path

from video_auth.accounts import MOST_SESSIONS, PURGE_SECONDS
from video_auth.error import StorageUnavailable
from video_auth.sqlite_store import SqliteStore

from tests.apps.video_library.auth.world import Clock, CountingHasher, running
from tests.support.asynchronous import bounded


class Untidy(SqliteStore):
    """Fails in all that can wait."""

    async def purge(self, *_: object) -> None:
        raise StorageUnavailable

    async def replace_password(self, *_: object) -> None:
        raise StorageUnavailable

    async def give_back(self, *_: object, forget: str = "") -> None:
        raise StorageUnavailable(len(forget))


class Counting(SqliteStore):
    """Counts how often it is purged."""

    purged = 0

    async def purge(self, now: float) -> None:
        self.purged += 1
        await super().purge(now)


@bounded
async def test_it_fails_nobody(sqlite_file: Path) -> None:
    clock = Clock()
    async with running(lambda: Untidy(sqlite_file), clock, CountingHasher(time_cost=1)) as world:
        assert (await world.sign_up()).status_code == 202
    async with running(lambda: Untidy(sqlite_file), clock, CountingHasher(time_cost=2)) as world:
        answer = await world.sign_in()
        assert answer.status_code == 201
        assert (await world.current(answer.json()["token"])).status_code == 200


@bounded
async def test_it_is_done_now_and_then(sqlite_file: Path) -> None:
    store = Counting(sqlite_file)
    async with running(lambda: store) as world:
        await world.sign_up()
        for _ in range(3):
            await world.sign_in()
        assert store.purged == 1
        world.clock.now += PURGE_SECONDS
        await world.sign_in()
        assert store.purged == 2


@bounded
async def test_of_one_users_sessions_the_oldest_end(sqlite_file: Path) -> None:
    async with running(lambda: SqliteStore(sqlite_file)) as world:
        await world.sign_up()
        tokens = []
        for _ in range(MOST_SESSIONS + 2):
            world.clock.now += 1
            tokens.append((await world.sign_in()).json()["token"])
        statuses = [(await world.current(each)).status_code for each in tokens]
        assert statuses == [401] * 2 + [200] * MOST_SESSIONS
