"""What every driver of the database does, each driver asked the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from video_auth.store import Allowance, Exhausted, Session, Store, Taken, User

from tests.apps.video_library.auth.conftest import NewStore
from tests.support.asynchronous import bounded

USER = User("1", "Ada@example.org", "ada@example.org", "a hash", 1000.0)
SESSION = Session("digest", USER.id, 1000.0, 2000.0)
FIVE, ONE = Allowance("key", 5, 60.0), Allowance("one", 1, 60.0)


@asynccontextmanager
async def opened(new_store: NewStore, number: int = 1) -> AsyncIterator[list[Store]]:
    stores = [new_store() for _ in range(number)]
    try:
        yield stores
    finally:
        for each in stores:
            await each.close()


async def takes(store: Store, allowance: Allowance, now: float = 1.0) -> bool:
    """Tell whether there was one left."""
    try:
        await store.take([allowance], now)
    except Exhausted:
        return False
    return True


@bounded
async def test_an_account_is_found_by_its_address(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        await store.ping()
        assert await store.find_user(USER.email_key) is None
        assert await store.add_user(USER)
        assert await store.find_user(USER.email_key) == USER
        assert await store.find_user("other@example.org") is None


@bounded
async def test_an_address_that_is_taken_stays_as_it_is(new_store: NewStore) -> None:
    other = User("2", "ADA@example.org", USER.email_key, "another hash", 2000.0)
    async with opened(new_store) as [store]:
        assert await store.add_user(USER)
        assert not await store.add_user(other)
        assert await store.find_user(USER.email_key) == USER


@bounded
async def test_of_many_sign_ups_at_once_one_makes_the_account(new_store: NewStore) -> None:
    users = [User(str(n), USER.email, USER.email_key, f"hash {n}", 1.0) for n in range(12)]
    async with opened(new_store, 3) as stores:
        added = await asyncio.gather(
            *(stores[n % 3].add_user(user) for n, user in enumerate(users))
        )
        assert added.count(True) == 1
        assert await stores[0].find_user(USER.email_key) == users[added.index(True)]


@bounded
async def test_a_password_is_replaced_unless_it_was_meanwhile(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        await store.add_user(USER)
        await store.replace_password(USER, "second")
        await store.replace_password(USER, "third")
        found = await store.find_user(USER.email_key)
        assert found is not None
        assert found.password_hash == "second"


@bounded
async def test_a_session_is_found_until_it_expires(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        await store.add_user(USER)
        await store.add_session(SESSION, 10)
        assert await store.find_session("digest", 1999.9) == (SESSION, USER)
        assert await store.find_session("digest", 2000.0) is None
        assert await store.find_session("other", 1000.0) is None


@bounded
async def test_a_session_ends_once_and_for_all(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        await store.add_user(USER)
        await store.add_session(SESSION, 10)
        await store.remove_session("digest")
        await store.remove_session("digest")
        assert await store.find_session("digest", 1000.0) is None


@bounded
async def test_of_many_sessions_the_newest_are_kept(new_store: NewStore) -> None:
    other = User("2", "bob@example.org", "bob@example.org", "a hash", 1.0)
    async with opened(new_store) as [store]:
        await store.add_user(USER)
        await store.add_user(other)
        await store.add_session(Session("his", other.id, 0.0, 9000.0), 3)
        for n in range(5):
            await store.add_session(Session(str(n), USER.id, float(n), 9000.0), 3)
        found = [await store.find_session(each, 10.0) for each in ("0", "1", "2", "3", "4", "his")]
        assert [each is not None for each in found] == [False, False, True, True, True, True]


@bounded
async def test_an_allowance_is_used_up_until_its_time_ends(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        for n in range(5):
            assert await store.take([FIVE], 100.0 + n) == [Taken("key", 160.0)]
        for now in (105.0, 106.0, 159.9):
            with pytest.raises(Exhausted) as exhausted:
                await store.take([FIVE], now)
            assert exhausted.value.ends == 160.0
        assert await store.take([FIVE], 160.0) == [Taken("key", 220.0)]


@bounded
async def test_allowances_of_other_keys_are_apart(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        assert [await takes(store, ONE), await takes(store, ONE)] == [True, False]
        assert await takes(store, FIVE)


@bounded
async def test_of_several_one_of_each_is_taken_or_none(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        for _ in range(3):
            await store.take([FIVE], 1.0)
        assert await store.take([FIVE, ONE], 1.0) == [Taken("key", 61.0), Taken("one", 61.0)]
        for _ in range(3):
            with pytest.raises(Exhausted):
                await store.take([FIVE, ONE], 1.0)
        assert [await takes(store, FIVE), await takes(store, FIVE)] == [True, False]


@bounded
async def test_what_is_given_back_can_be_taken_again(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        taken = [(await store.take([FIVE], 1.0))[0] for _ in range(5)]
        await store.give_back(taken[:2])
        assert [await takes(store, FIVE) for _ in range(3)] == [True, True, False]


@bounded
async def test_what_is_given_back_too_late_or_too_often_counts_for_nothing(
    new_store: NewStore,
) -> None:
    async with opened(new_store) as [store]:
        early = await store.take([FIVE], 1.0)
        for _ in range(3):
            await store.give_back(early)
        assert [await takes(store, FIVE, 100.0) for _ in range(5)] == [True] * 5
        await store.give_back(early)
        assert not await takes(store, FIVE, 100.0)


@bounded
async def test_what_is_forgotten_is_whole_again(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        await store.give_back([], forget="key")
        assert [await takes(store, FIVE) for _ in range(6)] == [True] * 5 + [False]
        one = await store.take([ONE], 1.0)
        await store.give_back(one, forget="key")
        assert [await takes(store, FIVE) for _ in range(6)] == [True] * 5 + [False]
        assert await takes(store, ONE)


@bounded
async def test_an_allowance_holds_for_all_that_take_at_once(new_store: NewStore) -> None:
    async with opened(new_store, 3) as stores:
        taken = await asyncio.gather(*(takes(stores[n % 3], FIVE) for n in range(30)))
        assert taken.count(True) == FIVE.most


@bounded
async def test_what_has_expired_is_purged_and_nothing_else(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        await store.add_user(USER)
        await store.add_session(SESSION, 10)
        await store.add_session(Session("later", USER.id, 1000.0, 3000.0), 10)
        await store.take([Allowance("old", 1, 60.0)], 1000.0)
        await store.take([Allowance("new", 1, 60.0)], 1990.0)
        await store.purge(2000.0)
        assert await store.find_session("digest", 0.0) is None
        assert await store.find_session("later", 2000.0) is not None
        assert await takes(store, Allowance("old", 1, 60.0), 1000.0)
        assert not await takes(store, Allowance("new", 1, 60.0), 2000.0)


@bounded
async def test_everything_is_there_when_it_is_opened_again(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        await store.add_user(USER)
        await store.add_session(SESSION, 10)
        await store.take([ONE], 1.0)
    async with opened(new_store) as [store]:
        assert await store.find_session("digest", 1000.0) == (SESSION, USER)
        assert not await takes(store, ONE)


@bounded
async def test_what_is_stored_is_what_was_given(new_store: NewStore) -> None:
    odd = ("é", "e\u0301", "'; DROP TABLE users; --", "$where", "a.b", "\x00", "\U0001f600", "")
    async with opened(new_store) as [store]:
        for number, each in enumerate(odd):
            user = User(f"id {number}", each, each, each, number / 7)
            assert await store.add_user(user)
            assert await store.find_user(each) == user
        for each in odd:
            assert await store.find_user(each + " ") is None


@bounded
async def test_who_gives_up_waiting_breaks_nothing(new_store: NewStore) -> None:
    async with opened(new_store) as [store]:
        asked = [asyncio.create_task(store.take([FIVE], 1.0)) for _ in range(20)]
        await asyncio.sleep(0)
        for each in asked[::2]:
            each.cancel()
        for each in asked:
            with suppress(asyncio.CancelledError, Exhausted):
                await each
        assert not await takes(store, FIVE)
        assert await store.add_user(USER)
