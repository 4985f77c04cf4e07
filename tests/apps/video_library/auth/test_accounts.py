"""Signing up, in and out, over HTTP and over each driver."""

import contextlib
import hashlib
import hmac
from datetime import datetime

import pytest
from video_auth.error import StorageUnavailable
from video_auth.store import Session

from tests.apps.video_library.auth.conftest import NewStore
from tests.apps.video_library.auth.world import (
    ADA,
    EMAIL,
    PASSWORD,
    WEEK,
    Clock,
    CountingHasher,
    at_once,
    bearer,
    code,
    running,
)
from tests.support.asynchronous import bounded


@bounded
async def test_a_visit(new_store: NewStore) -> None:
    async with running(new_store) as world:
        assert (await world.ask("GET", "/health")).json() == {"status": "ok"}
        assert (await world.sign_up()).status_code == 202
        answer = await world.sign_in()
        assert answer.status_code == 201
        session = answer.json()
        assert set(session) == {"token", "user_id", "email", "csrf_token", "expires_at"}
        assert session["email"] == EMAIL
        expires = datetime.fromisoformat(session["expires_at"]).timestamp()
        assert expires == world.clock.now + WEEK
        token = session.pop("token")
        current = await world.current(token)
        assert (current.status_code, current.json()) == (200, session)
        for _ in range(2):
            ended = await world.ask("DELETE", "/sessions/current", headers=bearer(token))
            assert (ended.status_code, ended.content) == (204, b"")
        answer = await world.current(token)
        assert (answer.status_code, code(answer)) == (401, "not-signed-in")


@bounded
async def test_a_token_is_long_random_and_not_stored(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        sessions = [(await world.sign_in()).json() for _ in range(2)]
        tokens = [each["token"] for each in sessions]
        assert len(set(tokens)) == 2
        assert all(len(each) == 43 for each in tokens)  # 256 bits as base64
        for token, session in zip(tokens, sessions, strict=True):
            signed = hmac.new(token.encode(), b"csrf", hashlib.sha256)
            assert session["csrf_token"] == signed.hexdigest()
            digest = hashlib.sha256(token.encode()).hexdigest()
            assert await world.store.find_session(digest, world.clock.now) is not None
            assert await world.store.find_session(token, world.clock.now) is None


@bounded
async def test_a_session_ends_when_its_time_is_over(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        token = (await world.sign_in()).json()["token"]
        world.clock.now += WEEK - 1
        assert (await world.current(token)).status_code == 200
        world.clock.now += 1
        assert (await world.current(token)).status_code == 401
        # Somebody's next sign-in removes it for good.
        assert (await world.sign_in()).status_code == 201
        digest = hashlib.sha256(token.encode()).hexdigest()
        assert await world.store.find_session(digest, 0.0) is None


@bounded
async def test_a_session_holds_in_another_process(new_store: NewStore) -> None:
    async with running(new_store) as one, running(new_store) as other:
        await one.sign_up()
        token = (await other.sign_in()).json()["token"]
        assert (await one.current(token)).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Bearer é", "Bearer " + 5000 * "x", "x"],
)
@bounded
async def test_what_is_no_token(new_store: NewStore, header: str) -> None:
    async with running(new_store) as world:
        headers = {"Authorization": header.encode("latin-1")}
        answer = await world.ask("GET", "/sessions/current", headers=headers)
        assert (answer.status_code, code(answer)) == (401, "not-signed-in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        answer = await world.ask("DELETE", "/sessions/current", headers=headers)
        assert answer.status_code == 204


@bounded
async def test_sign_up_tells_nobody_whether_there_is_an_account(new_store: NewStore) -> None:
    async with running(new_store) as world:
        answers, work = [], []
        for password in (PASSWORD, "another long password"):
            before = world.hasher.worked
            answers.append(await world.sign_up({"email": EMAIL, "password": password}))
            work.append(world.hasher.worked - before)
        assert [each.status_code for each in answers] == [202, 202]
        assert answers[0].content == answers[1].content
        assert answers[0].headers == answers[1].headers
        assert work == [1, 1]
        assert (await world.sign_in()).status_code == 201  # with the first password


@bounded
async def test_sign_in_tells_nobody_whether_there_is_an_account(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        answers, work = [], []
        for email in (EMAIL, "nobody@example.org", "no address", ""):
            before = world.hasher.worked
            answers.append(await world.sign_in({"email": email, "password": "wrong wrong"}))
            work.append(world.hasher.worked - before)
        assert {each.status_code for each in answers} == {401}
        assert {code(each) for each in answers} == {"wrong-credentials"}
        assert len({each.content for each in answers}) == 1
        assert work == [1, 1, 1, 1]


@bounded
async def test_spellings_of_an_address_are_one_account(new_store: NewStore) -> None:
    first, *others = ("Ünï.Straße@Exämple.org", "ÜNÏ.STRASSE@xn--exmple-cua.ORG",
                      "ünï.straße@exämple.org", "U\u0308ni\u0308.straße@exämple.org")  # fmt: skip
    async with running(new_store) as world:
        await world.sign_up({"email": first, "password": PASSWORD})
        for each in others:
            await world.sign_up({"email": each, "password": "another long password"})
        for each in (first, *others):
            answer = await world.sign_in({"email": each, "password": PASSWORD})
            assert (answer.status_code, answer.json().get("email")) == (
                201,
                "Ünï.Straße@exämple.org",
            ), each


@bounded
async def test_two_that_sign_up_at_once_make_one_account(new_store: NewStore) -> None:
    words = [f"the password of {n}" for n in range(6)]
    async with running(new_store) as one, running(new_store) as other:
        await at_once(
            *(
                world.sign_up({"email": spelling, "password": word})
                for n, word in enumerate(words)
                for world, spelling in [((one, other)[n % 2], (EMAIL, EMAIL.upper())[n % 3 % 2])]
            )
        )
        statuses = [
            (await one.sign_in({"email": EMAIL, "password": word}, f"192.0.2.{n}")).status_code
            for n, word in enumerate(words)
        ]
        assert sorted(statuses) == [201, 401, 401, 401, 401, 401]


@bounded
async def test_a_hash_of_old_parameters_is_renewed(new_store: NewStore) -> None:
    clock = Clock()
    async with running(new_store, clock, CountingHasher(time_cost=1)) as world:
        await world.sign_up()
        before = await world.store.find_user(EMAIL)
    async with running(new_store, clock, CountingHasher(time_cost=2)) as world:
        assert await world.fail() == 401
        assert await world.store.find_user(EMAIL) == before
        assert (await world.sign_in()).status_code == 201
        after = await world.store.find_user(EMAIL)
        assert before is not None
        assert after is not None
        assert ",t=1," in before.password_hash
        assert ",t=2," in after.password_hash
        assert (await world.sign_in()).status_code == 201
        assert await world.store.find_user(EMAIL) == after


@bounded
async def test_a_damaged_hash_lets_nobody_in(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        user = await world.store.find_user(EMAIL)
        assert user is not None
        await world.store.replace_password(user, "$argon2id$damaged")
        answer = await world.sign_in()
        assert (answer.status_code, code(answer)) == (401, "wrong-credentials")


@bounded
async def test_a_session_of_an_account_that_is_gone_is_none(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up()
        digest = hashlib.sha256(b"token").hexdigest()
        with contextlib.suppress(StorageUnavailable):  # by the driver that knows foreign keys
            await world.store.add_session(Session(digest, "nobody", 1.0, 9e9), 5)
        assert (await world.current("token")).status_code == 401


@bounded
async def test_a_password_may_be_composed_in_more_than_one_way(new_store: NewStore) -> None:
    async with running(new_store) as world:
        await world.sign_up({"email": EMAIL, "password": "caf\u00e9 caf\u00e9 caf\u00e9"})
        given = {"email": EMAIL, "password": "cafe\u0301 cafe\u0301 cafe\u0301"}
        assert (await world.sign_in(given)).status_code == 201
        assert (await world.sign_in(ADA)).status_code == 401
