"""Nobody injects anything, and each answer says what a page may do."""

import re

import pytest
from flask.testing import FlaskClient

from tests.site.statuses import Fixed, app_status, document, service_status

EVIL = """</script><script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}"""

PAGES = (
    "/",
    "/demo/",
    "/failed/",
    "/app/demo/~x/",
    "/app/demo/api/",
    "/app/nope/",
    "/nope",
    "/deno/",
)


@pytest.fixture
def source() -> Fixed:
    evil = {"name": EVIL, "description": EVIL, "error": EVIL, "tags": [EVIL], "icon": EVIL}
    services = {EVIL: service_status(state="failed", error=EVIL)}
    return Fixed(
        document(
            demo=app_status(**evil, services=services),
            failed=app_status(**evil, path="/failed/", state="failed"),
        )
    )


@pytest.mark.parametrize("path", [*PAGES, f"/?q={EVIL}&tag={EVIL}", f"/{EVIL}/", f"/app/{EVIL}/"])
def test_what_apps_say_is_text(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    assert "<script>" not in page
    assert "<img src=x" not in page
    assert "{{" not in page or "{{7*7}}" in page
    for value in re.findall(r'="([^"]*)"', page):
        assert "<" not in value
        assert "'>" not in value


@pytest.mark.parametrize("path", PAGES)
def test_no_inline_code(client: FlaskClient, path: str) -> None:
    page = client.get(path).text
    for script in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert 'src="/static/' in script[0]
        assert script[1] == ""
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<[^>]+ on[a-z]+=", re.sub(r'"[^"]*"', '""', page))
    assert "//" not in re.sub(r"https?://(www\.w3\.org|127\.0\.0\.1)", "", " ".join(
        re.findall(r'(?:src|href)="([^"]*)"', page)
    ))  # fmt: skip


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/status", "/healthz", "/static/site.css"])
def test_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert headers["Cache-Control"]
    assert "Set-Cookie" not in headers


def test_static_files_are_kept_for_good_under_their_hash(client: FlaskClient) -> None:
    page = client.get("/demo/").text
    urls = re.findall(r'(?:src|href)="(/static/[^"]*)"', page)
    assert len(urls) >= 5
    for url in urls:
        with client.get(url) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for stale in ("/static/site.css", "/static/site.css?v=000"):
        with client.get(stale) as answer:
            assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/../__init__.py", "/static/%2e%2e/apps.py", "/static/no"])
def test_static_has_nothing_else(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_error_of_ours_says_nothing(client: FlaskClient, source: Fixed) -> None:
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    source.snapshot = {"apps": {"demo": 7}}
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
