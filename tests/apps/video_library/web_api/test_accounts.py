"""Signing up, in and out: what the auth service says decides, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from video_api.application import create_app
from video_api.settings import Settings

from tests.apps.video_library.web_api.fake_auth import refusal
from tests.apps.video_library.web_api.serving import (
    COOKIE,
    NO_TLS,
    Api,
    embedded_api,
    error_of,
    served,
)
from tests.support.ports import free_port

SOMEBODY = {"email": "ann@example.com", "password": "a long password"}
GOOD = {
    "token": "t" * 43,
    "email": "ann@example.com",
    "user_id": "u1",
    "csrf_token": "c" * 64,
    "expires_at": "2100-01-01T00:00:00+00:00",
}


@pytest.fixture
def client(api: Api) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, trust_env=False, timeout=30, verify=NO_TLS) as client:
        yield client
    api.auth.answers.clear()


def test_a_session_from_its_beginning_to_its_end(client: httpx.Client) -> None:
    answer = client.post("/sign-up", json=SOMEBODY)
    assert (answer.status_code, answer.json()) == (202, {"message": "Thank you."})
    answer = client.post("/login", json=SOMEBODY)
    assert answer.status_code == 200
    assert set(answer.json()) == {"email", "csrf_token", "expires_at"}
    cookie = answer.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=lax", "path=/", "max-age=6047"):
        assert part in cookie
    assert "secure" not in cookie
    assert answer.headers["cache-control"] == "no-store"
    known = client.get("/session")
    assert known.json()["email"] == SOMEBODY["email"]
    assert known.json()["csrf_token"] == answer.json()["csrf_token"]
    token = client.cookies[COOKIE]
    out = client.post("/logout", headers={"X-CSRF-Token": answer.json()["csrf_token"]})
    assert out.status_code == 204
    assert COOKIE not in client.cookies
    again = client.get("/session", headers={"Cookie": f"{COOKIE}={token}"})
    assert (again.status_code, error_of(again)) == (401, "not-signed-in")


def test_nobody_is_signed_out_by_a_link(client: httpx.Client, api: Api) -> None:
    with api.visitor() as visitor:
        for method in ("GET", "HEAD", "PUT", "PATCH"):
            answer = visitor.http.request(method, "/logout")
            assert answer.status_code == 405
            assert answer.headers["allow"] == "POST"
        assert visitor.http.get("/session").status_code == 200


def test_signing_out_needs_the_token_too(api: Api) -> None:
    with api.visitor() as visitor:
        for token in ("", "x", visitor.csrf_token[:-1], visitor.csrf_token + "x", "é" * 64):
            headers = {b"X-CSRF-Token": token.encode()}
            answer = visitor.http.post("/logout", headers=headers)
            assert (answer.status_code, error_of(answer)) == (403, "csrf-token")
        assert visitor.http.get("/session").status_code == 200


def test_signing_out_without_a_session(client: httpx.Client) -> None:
    assert client.post("/logout").status_code == 204
    answer = client.post("/logout", headers={"Cookie": f"{COOKIE}={'t' * 43}"})
    assert answer.status_code == 204
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


NONSENSE = {
    "fails with its true": PlainTextResponse("1", 500),
    "fails with a session": JSONResponse(GOOD, 500),
    "is overloaded": PlainTextResponse("", 503),
    "says 1": PlainTextResponse("1"),
    "says true": JSONResponse(True, 201),
    "says nothing": PlainTextResponse("", 201),
    "says yes with another status": JSONResponse(GOOD, 200),
    "sends elsewhere": RedirectResponse("http://127.0.0.1:1/"),
    "does not know the path": JSONResponse({"detail": "Not Found"}, 404),
    "speaks HTML": PlainTextResponse("<html>1</html>", 201),
    "says no without a reason": PlainTextResponse("no", 401),
    "says no as HTML": PlainTextResponse("<b>no</b>", 429),
    "leaves the token out": JSONResponse({**GOOD, "token": None}, 201),
    "has a token of no length": JSONResponse({**GOOD, "token": ""}, 201),
    "has a token with a header in it": JSONResponse({**GOOD, "token": "t" * 40 + "\r\nX: y"}, 201),
    "has a token that is a cookie more": JSONResponse({**GOOD, "token": "t" * 40 + "; a=b"}, 201),
    "leaves the user out": JSONResponse({**GOOD, "user_id": ""}, 201),
    "leaves the CSRF token out": JSONResponse({**GOOD, "csrf_token": ""}, 201),
    "has a session that is over": JSONResponse(
        {**GOOD, "expires_at": "2020-01-01T00:00:00+00:00"}, 201
    ),
    "has a time without a zone": JSONResponse({**GOOD, "expires_at": "2100-01-01T00:00:00"}, 201),
}


@pytest.mark.parametrize("said", NONSENSE)
def test_nobody_is_signed_in_by_an_auth_service_that(
    client: httpx.Client, api: Api, said: str
) -> None:
    api.auth.answers["POST", "/sessions"] = NONSENSE[said]
    answer = client.post("/login", json=SOMEBODY)
    assert (answer.status_code, error_of(answer)) == (503, "auth-unavailable")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("said", sorted(NONSENSE.keys() - {"says yes with another status"}))
def test_no_cookie_is_believed_by_an_auth_service_that(api: Api, said: str) -> None:
    with api.visitor() as visitor:
        given = NONSENSE[said]
        api.auth.answers["GET", "/sessions/current"] = given
        try:
            for method, path in (("GET", "/videos"), ("GET", "/session"), ("POST", "/logout")):
                answer = visitor.http.request(method, path)
                if path == "/logout" and given.status_code == 401:
                    continue  # there is no session that could be ended
                assert answer.status_code in (401, 503)
        finally:
            api.auth.answers.clear()


REFUSALS = [(401, "wrong-credentials"), (422, "invalid-email"), (422, "weak-password")]


@pytest.mark.parametrize(("status", "code"), REFUSALS)
@pytest.mark.parametrize("path", ["/login", "/sign-up"])
def test_refusals_are_passed_on(
    client: httpx.Client, api: Api, path: str, status: int, code: str
) -> None:
    asked = {"/login": "/sessions", "/sign-up": "/users"}[path]
    api.auth.answers["POST", asked] = refusal(status, code)
    answer = client.post(path, json=SOMEBODY)
    assert (answer.status_code, error_of(answer)) == (status, code)
    assert answer.json()["error"]["hint"] == "Do something else."


def test_how_long_to_wait_is_passed_on(client: httpx.Client, api: Api) -> None:
    api.auth.answers["POST", "/sessions"] = refusal(429, "too-many", **{"Retry-After": "90"})
    answer = client.post("/login", json=SOMEBODY)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "90")
    api.auth.answers["POST", "/sessions"] = Response(status_code=503, headers={"Retry-After": "2"})
    answer = client.post("/login", json=SOMEBODY)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    api.auth.answers["POST", "/sessions"] = refusal(429, "too-many", **{"Retry-After": "soon"})
    assert "retry-after" not in client.post("/login", json=SOMEBODY).headers


def test_the_auth_service_learns_where_the_visitor_is(client: httpx.Client, api: Api) -> None:
    api.auth.asked.clear()
    client.post("/login", json=SOMEBODY, headers={"X-Forwarded-For": "203.0.113.9"})
    client.post("/sign-up", json=SOMEBODY)
    told = [headers.get("x-forwarded-for") for _, _, headers in api.auth.asked]
    assert told == ["203.0.113.9", "127.0.0.1"]  # uvicorn believes a proxy on this machine


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"", 422),
        ("application/json", b"{", 422),
        ("application/json", b"[]", 422),
        ("application/json", b'{"email": 1, "password": "x"}', 422),
        ("application/json", b'{"email": "a@b.c"}', 422),
        ("application/json", b'{"email": "\\ud800", "password": "x"}', 422),
        ("application/json", b"\xff\xfe", 422),
        ("application/json", b"[" * 8000, 400),
        ("application/json; charset=utf-8", b'{"email": "a@b.c"}', 422),
        ("application/json", b" " * 8193, 413),
        ("text/plain", b'{"email": "a@b.c", "password": "x"}', 415),
        ("application/x-www-form-urlencoded", b"email=a&password=b", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("", b"{}", 415),
    ],
)
@pytest.mark.parametrize("path", ["/login", "/sign-up"])
def test_bodies_that_are_none(
    client: httpx.Client, path: str, content_type: str, body: bytes, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.post(path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    error_of(answer)


def test_a_body_of_unknown_length(client: httpx.Client) -> None:
    answer = client.post(
        "/login", content=iter([b"{}"]), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, error_of(answer)) == (411, "length-required")


def test_nothing_of_what_was_sent_comes_back(client: httpx.Client) -> None:
    bad = "<script>alert(1)</script>"
    for body in (
        {"email": bad, "password": 5},
        {"email": {bad: bad}, "password": bad},
        {bad: bad},
        [bad],
    ):
        for path in ("/login", "/sign-up"):
            answer = client.post(path, json=body)
            assert answer.status_code == 422
            assert "script" not in answer.text
    for path in (f"/{bad}", f"/videos/{bad}", f"/stream/{bad}"):
        answer = client.get(path)
        assert "script" not in answer.text
        error_of(answer)


@pytest.mark.parametrize("token", ["", "short", "x" * 600, "a b" * 20, "é" * 40])
def test_cookies_that_cannot_be_tokens_are_not_asked_about(api: Api, token: str) -> None:
    api.auth.asked.clear()
    headers = {b"Cookie": f"{COOKIE}={token}".encode()}
    answer = httpx.get(f"{api.url}/session", headers=headers, trust_env=False)
    assert (answer.status_code, error_of(answer)) == (401, "not-signed-in")
    assert api.auth.asked == []


CHANGES = [
    ("POST", "/videos"),
    ("POST", "/login"),
    ("POST", "/sign-up"),
    ("POST", "/logout"),
    ("DELETE", "/videos/" + "0" * 32),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
    ],
)
def test_other_sites_change_nothing(
    api: Api, method: str, path: str, headers: dict[str, str]
) -> None:
    with api.visitor() as visitor:
        answer = visitor.http.request(method, path, headers=headers)
        assert (answer.status_code, error_of(answer)) == (403, "cross-site")
        assert "access-control-allow-origin" not in answer.headers


def test_a_page_elsewhere_that_may_ask(api: Api) -> None:
    origin = {"Origin": "http://localhost:8501", "Sec-Fetch-Site": "same-site"}
    with api.visitor() as visitor:
        answer = visitor.http.get("/videos", headers=origin)
        assert answer.headers["access-control-allow-origin"] == origin["Origin"]
        assert answer.headers["access-control-allow-credentials"] == "true"
        wanted = {"Access-Control-Request-Method": "DELETE"}
        wanted |= {"Access-Control-Request-Headers": "x-csrf-token,content-type"}
        asked = visitor.http.options("/videos/x", headers=origin | wanted)
        assert asked.status_code == 200
        assert "DELETE" in asked.headers["access-control-allow-methods"]
        refused = visitor.http.options("/videos/x", headers=wanted | {"Origin": "https://evil.ex"})
        assert "access-control-allow-origin" not in refused.headers
        assert visitor.http.post("/logout", headers=origin).status_code == 204


def test_below_a_mount(tmp_path: Path) -> None:
    mount = "/app/video-library/api"
    with embedded_api(tmp_path, root_path=mount) as api, api.visitor() as visitor:
        for prefix in ("", mount):
            assert visitor.http.get(f"{prefix}/videos").status_code == 200
            assert visitor.http.get(f"{prefix}/docs").status_code == 200
            script = visitor.http.get(f"{prefix}/static-offline-docs/swagger-ui-bundle.js")
            assert script.status_code == 200
            assert visitor.http.get(f"{prefix}/").json()["documentation"] == f"{mount}/docs"
            assert visitor.http.get(f"{prefix}/openapi.json").json()["servers"] == [{"url": mount}]
        assert visitor.http.get("/app/video-library/apix/videos").status_code == 404
        for scheme, is_secure in (("http", False), ("https", True)):
            answer = visitor.http.post(
                "/login", json=SOMEBODY, headers={"X-Forwarded-Proto": scheme}
            )
            cookie = answer.headers["set-cookie"]
            assert "Path=/app/video-library/;" in cookie
            assert ("Secure" in cookie) is is_secure
        answer = visitor.http.post("/logout", headers={"Origin": "http://localhost:8501"})
        assert (answer.status_code, error_of(answer)) == (403, "cross-site")


def test_the_auth_service_is_away(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, auth_url=f"http://127.0.0.1:{free_port()}")
    with served(create_app(settings)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/health").json() == health("unknown")
        for path in ("/login", "/sign-up"):
            answer = client.post(path, json=SOMEBODY)
            assert (answer.status_code, error_of(answer)) == (503, "auth-unavailable")
        client.cookies.set(COOKIE, "t" * 43)
        for method, path in (("GET", "/videos"), ("POST", "/videos"), ("GET", "/stream/x")):
            assert client.request(method, path).status_code == 503
        assert client.get("/health").json() == health("unavailable")


def health(auth: str) -> dict[str, Any]:
    return {"status": "ok", "storage": "embedded", "auth": auth}


def test_every_answer_is_safe_to_show(client: httpx.Client) -> None:
    for method, path in (("GET", "/"), ("GET", "/none"), ("PUT", "/videos"), ("GET", "/health")):
        answer = client.request(method, path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-type"] == "application/json"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
