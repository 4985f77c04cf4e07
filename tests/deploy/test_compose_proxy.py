"""The Caddyfile of the video library, run by Caddy in front of the real services."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
import yaml

from tests.apps.video_library.processes import running, start_auth, start_web_api
from tests.deploy.manifest import one, pod
from tests.deploy.rendering import rendered
from tests.deploy.test_compose import FOLDER
from tests.journeys.project import free_block, listening
from tests.support.waiting import until

PASSWORD = "correct horse battery"
BODY = 3 * 2**20
"""Bytes of an upload: more than proxies take that limit bodies by default."""


class Page(BaseHTTPRequestHandler):
    """Stands for the page: says which path it was asked for."""

    def do_GET(self) -> None:
        body = f"page {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def page() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def caddy(folder: Path, addresses: dict[str, str]) -> Iterator[str]:
    """Run Caddy with the Caddyfile, its addresses replaced; give the site's own."""
    port = free_block()
    text = (FOLDER / "Caddyfile").read_text()
    for written, real in {":8080 {": f"http://127.0.0.1:{port} {{", **addresses}.items():
        assert text.count(written) == 1, written
        text = text.replace(written, real)
    file = folder / "Caddyfile"
    file.write_text(text)
    command = [str(Path(sys.executable).with_name("caddy")), "run", "--adapter", "caddyfile"]
    with (folder / "caddy.log").open("wb") as said:
        process = subprocess.Popen(
            [*command, "--config", str(file)],
            stdout=said,
            stderr=said,
            env={"HOME": str(folder)},
        )
    try:
        until(lambda: listening(port), "Caddy", 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@dataclass
class Site:
    """The video library, at the proxy, and its services' own addresses."""

    url: str
    services: dict[str, str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The video library as its Compose file runs it, but for MongoDB and the page."""
    folder = tmp_path_factory.mktemp("site")
    services = yaml.safe_load((FOLDER / "video-library.yaml").read_text())["services"]
    auth_settings = {"FORWARDED_ALLOW_IPS": services["auth"]["environment"]["FORWARDED_ALLOW_IPS"]}
    settings = services["web-api"]["environment"]
    chosen = {name: settings[name] for name in ("ROOT_PATH", "COOKIE_PATH", "FORWARDED_ALLOW_IPS")}
    auth = start_auth(folder, auth_settings)
    api = start_web_api(folder, auth.url, chosen)
    with running(auth, api), page() as shown:
        addresses = {
            "web-api:8000": api.url.removeprefix("http://"),
            "page:8501": f"127.0.0.1:{shown}",
        }
        with caddy(folder, addresses) as url:
            yield Site(url, {"-web-api": api.url, "-auth": auth.url})


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, trust_env=False, timeout=30) as client:
        yield client


def test_page_and_api_are_under_one_name(visitor: httpx.Client) -> None:
    assert visitor.get("/").text == "page /"
    assert visitor.get("/_stcore/health").text == "page /_stcore/health"
    assert visitor.get("/apiary").text == "page /apiary"
    assert visitor.get("/api/health").status_code == 200
    assert visitor.get("/api/videos").status_code == 401


def test_whoever_signs_in_gets_a_cookie_of_the_page_and_may_upload(visitor: httpx.Client) -> None:
    account = {"email": "visitor@example.com", "password": PASSWORD}
    assert visitor.post("/api/sign-up", json=account).status_code == 202
    signed_in = visitor.post("/api/login", json=account)
    assert signed_in.status_code == 200, signed_in.text
    cookie = signed_in.headers["set-cookie"]
    assert "Path=/;" in f"{cookie};"
    assert "HttpOnly" in cookie
    assert visitor.get("/api/session").json()["email"] == account["email"]
    token = {"X-CSRF-Token": signed_in.json()["csrf_token"]}
    file = {"file": ("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(BODY), "video/mp4")}
    uploaded = visitor.post("/api/videos", files=file, headers=token)
    assert uploaded.status_code == 202, uploaded.text
    assert uploaded.headers["location"].startswith("/api/videos/")
    assert visitor.get(uploaded.headers["location"]).status_code == 200


@pytest.mark.parametrize("part", ["-web-api", "-auth"])
def test_the_probes_of_the_chart_are_answered(part: str, site: Site) -> None:
    """Past the ingress, without its path; and an ingress takes no path off."""
    deployment = one(rendered("video-library", {}), "Deployment", part)
    (container,) = pod(deployment)["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        path = container[probe]["httpGet"]["path"]
        assert httpx.get(site.services[part] + path, trust_env=False).status_code == 200
    if part == "-web-api":
        assert httpx.get(f"{site.services[part]}/api/videos", trust_env=False).status_code == 401


def test_nobody_guesses_on_by_telling_another_address(visitor: httpx.Client) -> None:
    """The proxy says who asks, whatever the visitor says; auth counts by that."""
    found = [
        visitor.post(
            "/api/login",
            json={"email": "other@example.com", "password": f"a wrong password {number}"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(6)
    ]
    assert found == [401] * 5 + [429]
