"""How often somebody may try, over each driver; the time is the test's own."""

import pytest
from video_auth.client_address import network_of
from video_auth.limiter import Limits

from tests.apps.video_library.auth.conftest import NewStore
from tests.apps.video_library.auth.world import (
    EMAIL,
    PASSWORD,
    Clock,
    CountingHasher,
    at_once,
    code,
    running,
)
from tests.support.asynchronous import bounded

QUARTER = 15 * 60.0
HERE, THERE = "192.0.2.1", "198.51.100.7"


@bounded
async def test_five_failures_of_an_address_from_one_place(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        assert [await world.fail() for _ in range(6)] == [401] * 5 + [429]
        before = world.hasher.worked
        world.clock.now += 60.5
        answer = await world.sign_in()  # the right password, too
        assert (answer.status_code, code(answer)) == (429, "too-many-attempts")
        assert answer.headers["Retry-After"] == "840"
        assert world.hasher.worked == before
        assert (await world.sign_in(at=THERE)).status_code == 201
        world.clock.now += 839.5
        assert (await world.sign_in()).status_code == 201


@bounded
async def test_it_is_the_same_for_an_address_without_an_account(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        known = [await world.fail() for _ in range(7)]
        assert [await world.fail("nobody@example.org") for _ in range(7)] == known
        last = await world.sign_in({"email": "nobody@example.org", "password": PASSWORD})
        assert (await world.sign_in()).content == last.content


@bounded
async def test_no_spelling_of_an_address_gets_round_it(new_store: NewStore) -> None:
    async with running(new_store) as world:
        spellings = ("ada@example.org", "Ada@example.org", "ADA@EXAMPLE.ORG", "adA@eXample.org")
        statuses = [await world.fail(spellings[n % 4]) for n in range(8)]
        assert statuses == [401] * 5 + [429] * 3


@bounded
async def test_the_right_password_begins_anew(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        for _ in range(4):
            assert [await world.fail() for _ in range(4)] == [401] * 4
            assert (await world.sign_in()).status_code == 201
        assert [await world.fail() for _ in range(6)] == [401] * 5 + [429]


@bounded
async def test_own_sign_ins_win_no_guesses_at_others(new_store: NewStore) -> None:
    own = {"email": "eve@example.org", "password": PASSWORD}
    async with running(new_store, limits=Limits(per_client=8)) as world:
        await world.sign_up()
        await world.sign_up(own)
        statuses = []
        for _ in range(12):
            statuses.append(await world.fail())
            await world.sign_in(own)
        assert statuses.count(401) == 5
        others = [await world.fail(f"{n}@example.org") for n in range(9)]
        assert others == [401] * 3 + [429] * 6  # eight from here, five of them above


@bounded
async def test_sign_ins_that_succeed_are_no_free_work(new_store: NewStore) -> None:
    async with running(new_store, limits=Limits(sign_ins_per_client=7)) as world:
        await world.sign_up()
        statuses = [(await world.sign_in()).status_code for _ in range(9)]
        assert statuses == [201] * 7 + [429] * 2
        assert world.hasher.worked == 8
        assert (await world.sign_in(at=THERE)).status_code == 201


@bounded
async def test_failures_from_one_place(new_store: NewStore) -> None:
    async with running(new_store, limits=Limits(per_client=8)) as world:
        statuses = [await world.fail(f"{n}@example.org") for n in range(10)]
        assert statuses == [401] * 8 + [429] * 2
        assert await world.fail(at=THERE) == 401


@bounded
async def test_failures_of_an_account_from_anywhere(new_store: NewStore) -> None:
    async with running(new_store, limits=Limits(per_account=9, per_client=3)) as world:
        statuses = [await world.fail(at=f"192.0.2.{n}") for n in range(9)]
        assert statuses == [401] * 9
        assert [await world.fail(at=HERE) for _ in range(5)] == [429] * 5
        # What was refused for the account did not count against the place: it has two left.
        assert [await world.fail("bob@example.org", HERE) for _ in range(3)] == [401, 401, 429]


@bounded
async def test_twenty_sign_ups_an_hour_from_one_place(new_store: NewStore) -> None:
    async with running(new_store) as world:
        for n in range(20):
            # The same address or another one: that is not to be told apart.
            given = {"email": f"{n % 15}@example.org", "password": PASSWORD}
            assert (await world.sign_up(given)).status_code == 202
        before = world.hasher.worked
        world.clock.now += 3599
        answer = await world.sign_up()
        assert (answer.status_code, code(answer)) == (429, "too-many-attempts")
        assert answer.headers["Retry-After"] == "1"
        assert world.hasher.worked == before
        assert (await world.sign_up(at=THERE)).status_code == 202
        world.clock.now += 1
        assert (await world.sign_up()).status_code == 202


@bounded
async def test_a_sign_up_that_is_refused_for_itself_does_not_count(new_store: NewStore) -> None:
    async with running(new_store, limits=Limits(sign_ups_per_client=1)) as world:
        for _ in range(3):
            assert (await world.sign_up({"email": EMAIL, "password": "x"})).status_code == 422
        assert (await world.sign_up()).status_code == 202


@bounded
async def test_guesses_made_at_once_are_as_many_as_in_a_row(new_store: NewStore) -> None:
    async with running(new_store) as one, running(new_store) as other:
        statuses = await at_once(*((one, other)[n % 2].fail() for n in range(30)))
        assert sorted(statuses) == [401] * 5 + [429] * 25
        assert one.hasher.worked + other.hasher.worked == 5


@bounded
async def test_limits_hold_when_the_service_is_started_again(new_store: NewStore) -> None:
    clock = Clock()
    async with running(new_store, clock) as world:
        assert [await world.fail() for _ in range(5)] == [401] * 5
    async with running(new_store, clock) as world:
        assert await world.fail() == 429
        clock.now += QUARTER
        assert await world.fail() == 401


@bounded
async def test_who_is_told_busy_has_not_tried(new_store: NewStore) -> None:
    async with running(new_store, hasher=CountingHasher(fails_first=7)) as world:
        for _ in range(7):
            answer = await world.sign_in()
            assert (answer.status_code, code(answer)) == (503, "busy")
            assert answer.headers["Retry-After"] == "1"
        assert [await world.fail() for _ in range(6)] == [401] * 5 + [429]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("<script>", "unknown"),
        ("192.0.2.1:80", "unknown"),
    ],
)
def test_who_asks(address: str | None, network: str) -> None:
    assert network_of(address) == network


@bounded
async def test_a_household_is_one_place(new_store: NewStore) -> None:
    async with running(new_store) as world:
        statuses = [await world.fail(at=f"2001:db8::{n:x}") for n in range(6)]
        assert statuses == [401] * 5 + [429]
        assert await world.fail(at="2001:db8:0:1::1") == 401
