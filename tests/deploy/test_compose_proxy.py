"""The Caddyfile of the video library, run by Caddy in front of the real services."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
import yaml

from tests.apps.video_library.mongo import MongoServer
from tests.apps.video_library.mongo import mongodb as mongodb
from tests.apps.video_library.processes import (
    WEB_API,
    running,
    start_auth,
    start_service,
    start_web_api,
)
from tests.apps.video_library.sample_video import sample_video
from tests.deploy.manifest import one, pod
from tests.deploy.rendering import rendered
from tests.deploy.test_compose import FOLDER
from tests.journeys.project import listening
from tests.support.ports import free_block
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
    api_settings: dict[str, str]


@pytest.fixture(scope="module")
def site(mongodb: MongoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The video library as its Compose file runs it, but for the page and MongoDB's image."""
    folder = tmp_path_factory.mktemp("site")
    services = yaml.safe_load((FOLDER / "video-library.yaml").read_text())["services"]
    believed, chosen = (
        {name: services[part]["environment"][name] for name in names}
        for part, names in {
            "auth": ["FORWARDED_ALLOW_IPS"],
            "web-api": ["ROOT_PATH", "COOKIE_PATH", "FORWARDED_ALLOW_IPS"],
        }.items()
    )
    with mongodb.database() as videos, mongodb.database() as accounts:
        auth = start_auth(folder, believed | {"MONGODB_URI": accounts})
        settings = chosen | {"MONGODB_URI": videos, "AUTH_URL": auth.url}
        api = start_web_api(folder, auth.url, settings)
        with running(auth, api), page() as shown:
            addresses = {
                "web-api:8000": api.url.removeprefix("http://"),
                "page:8501": f"127.0.0.1:{shown}",
            }
            with caddy(folder, addresses) as url:
                yield Site(url, {"-web-api": api.url, "-auth": auth.url}, settings)


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


def test_an_upload_that_has_begun_ends_though_its_pod_goes(
    site: Site, visitor: httpx.Client, tmp_path: Path
) -> None:
    account = {"email": "uploader@example.com", "password": PASSWORD}
    visitor.post("/api/sign-up", json=account)
    visitor.headers["X-CSRF-Token"] = visitor.post("/api/login", json=account).json()["csrf_token"]
    going = start_service(
        WEB_API,
        "video_api.main:app",
        site.api_settings,
        tmp_path / "log",
        arguments=("--timeout-graceful-shutdown", "60"),
    )
    video, told = sample_video(), Event()
    head = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
        b"Content-Type: video/mp4\r\n\r\n"
    )

    def slowly() -> Iterator[bytes]:
        yield head + video[:10_000]
        assert told.wait(60)
        yield video[10_000:] + b"\r\n--x--\r\n"

    def upload() -> httpx.Response:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        return visitor.post(f"{going.url}/videos", content=slowly(), headers=kind)

    def states() -> list[str]:
        with httpx.Client(cookies=visitor.cookies, trust_env=False) as other:
            return [each["status"] for each in other.get(f"{site.url}/api/videos").json()["videos"]]

    with running(going), ThreadPoolExecutor(1) as pool:
        uploading = pool.submit(upload)
        until(lambda: states() == ["uploading"], "the upload", 30)
        going.process.send_signal(signal.SIGTERM)
        until(lambda: "Shutting down" in going.said, "the end", 30)
        told.set()
        assert uploading.result(60).status_code == 202
        assert going.process.wait(60) in {0, -signal.SIGTERM}, going.said
    until(lambda: states() == ["ready"], "the video", 60)


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
