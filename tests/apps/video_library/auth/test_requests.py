"""What is asked badly, and how every answer looks."""

import json
from pathlib import Path

import pytest
from video_auth.error import InvalidEmail
from video_auth.sqlite_store import SqliteStore

from tests.apps.video_library.auth.world import ADA, EMAIL, PASSWORD, Answer, World, code, running
from tests.support.asynchronous import bounded

JSON = {"Content-Type": "application/json"}
HOSTILE = "<script>alert(1)</script>@example.org"


@pytest.mark.parametrize(
    "email",
    [
        *("", "ada", "@example.org", "ada@", "ada@localhost", "a b@example.org", HOSTILE),
        *("ada@example.org\n", "ada@example.org\0", "\0", "ada@[127.0.0.1]", '"a b"@example.org'),
        *("Ada <ada@example.org>", "ada@exa\u202emple.org", "a" * 65 + "@" + "b" * 250 + ".org"),
        *("a" * 4000, "ada@example.org,bob@example.org", "ada@xn--a.org", "ada@\ud7ff.org"),
    ],
)
@bounded
async def test_what_is_no_address(tmp_path: Path, email: str) -> None:
    async with running(lambda: SqliteStore(tmp_path / "auth.db")) as world:
        answer = await world.sign_up({"email": email, "password": PASSWORD})
        assert (answer.status_code, code(answer)) == (422, "invalid-email")
        assert answer.json()["error"] == {
            "code": InvalidEmail.code,
            "message": InvalidEmail.message,
            "hint": InvalidEmail.hint,
        }
        assert world.hasher.worked == 0


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 9, "x" * 129, EMAIL, EMAIL.upper(), f" {EMAIL} "]
)
@bounded
async def test_what_is_no_password(tmp_path: Path, password: str) -> None:
    async with running(lambda: SqliteStore(tmp_path / "auth.db")) as world:
        answer = await world.sign_up({"email": EMAIL, "password": password})
        assert (answer.status_code, code(answer)) == (422, "weak-password")
        assert world.hasher.worked == 0


@pytest.mark.parametrize("password", ["x" * 10, "x" * 128, "\0" * 10, "\U0001f600" * 128, " " * 10])
@bounded
async def test_what_is_one(tmp_path: Path, password: str) -> None:
    async with running(lambda: SqliteStore(tmp_path / "auth.db")) as world:
        given = {"email": EMAIL, "password": password}
        assert (await world.sign_up(given)).status_code == 202
        assert (await world.sign_in(given)).status_code == 201
        shorter = {"email": EMAIL, "password": password[:-1]}
        assert (await world.sign_in(shorter)).status_code == 401


BAD = (
    *(b"", b"{", b"null", b"[]", b"7", b'"x"', b"{}", b"\xff\xfe", b"NaN"),
    *(b'{"email": "a@example.org"}', b'{"email": 1, "password": 2}', b"[" * 8000),
    *(b'{"email": ["a@example.org"], "password": {}}', b'{"a":' * 1600),
    b'{"email": "\\ud800@example.org", "password": "0123456789"}',
    b'{"email": "a@example.org", "password": "\\udfff0123456789"}',
    b'{"email": "a@example.org", "password": "0123456789", "admin": true}',
    b'{"email": "a@example.org", "password": ' + b"9" * 5000 + b"}",
)


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("path", ["/users", "/sessions"])
@bounded
async def test_what_is_no_request(tmp_path: Path, path: str, body: bytes) -> None:
    async with running(lambda: SqliteStore(tmp_path / "auth.db")) as world:
        answer = await world.ask("POST", path, content=body, headers=JSON)
        assert (answer.status_code, code(answer)) in (
            (422, "invalid-request"),
            (400, "bad-request"),  # what Python's parser gives up on
        )
        assert world.hasher.worked == 0
        assert len(answer.content) < 1000


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "text/html", "application/jsonx"],
)
@bounded
async def test_what_is_not_said_to_be_json(tmp_path: Path, kind: str) -> None:
    async with running(lambda: SqliteStore(tmp_path / "auth.db")) as world:
        content, headers = json.dumps(ADA), {"Content-Type": kind}
        answer = await world.ask("POST", "/users", content=content, headers=headers)
        assert (answer.status_code, code(answer)) == (415, "unsupported-media-type")
        assert world.hasher.worked == 0
        good = {"Content-Type": "Application/JSON; charset=utf-8"}
        answer = await world.ask("POST", "/users", content=content, headers=good)
        assert answer.status_code == 202


@bounded
async def test_a_body_is_small(tmp_path: Path) -> None:
    async with running(lambda: SqliteStore(tmp_path / "auth.db")) as world:
        for size, status in ((8192, 422), (8193, 413), (1_000_000, 413)):
            content = b'"' + b"x" * (size - 2) + b'"'
            answer = await world.ask("POST", "/sessions", content=content, headers=JSON)
            assert answer.status_code == status
        assert code(answer) == "body-too-large"


@bounded
async def test_nothing_is_ever_html(tmp_path: Path) -> None:
    async with running(lambda: SqliteStore(tmp_path / "auth.db")) as world:
        for answer in await _all_sorts(world):
            assert answer.status_code == 204 or answer.headers["Content-Type"] == "application/json"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            assert "<script" not in answer.text
            if answer.status_code >= 400:
                assert code(answer)


async def _all_sorts(world: World) -> list[Answer]:
    asked = [
        *(
            ("GET", "/"),
            ("GET", "/health"),
            ("GET", "/sessions"),
            ("GET", "/nowhere"),
            ("GET", "/health/"),
        ),
        *(("PUT", "/users"), ("GET", f"/{HOSTILE}"), ("DELETE", "/sessions/current")),
        *(("GET", "/sessions/current"), ("OPTIONS", "/users"), ("GET", "/openapi.json")),
    ]
    answers = [await world.ask(method, path) for method, path in asked]
    answers.append(await world.sign_up({"email": HOSTILE, "password": HOSTILE}))
    answers.append(await world.sign_in({"email": HOSTILE, "password": HOSTILE}))
    answers.append(await world.sign_in({HOSTILE: HOSTILE}))
    return answers
