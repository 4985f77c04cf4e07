"""The web API over real HTTP in a thread, and visitors of it."""

import contextlib
import secrets
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp
from video_api.application import create_app
from video_api.settings import Settings

from tests.apps.video_library.sample_video import sample_video
from tests.apps.video_library.web_api.fake_auth import FakeAuth
from tests.support.waiting import until

COOKIE = "video_library_session"

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Each client would read the machine's certificates anew, which takes longer than most tests."""


@contextlib.contextmanager
def served(app: ASGIApp, *, lifespan: bool = True) -> Iterator[str]:
    """Serve an app by uvicorn in a thread; give its URL."""
    how = uvicorn.Config(
        app,
        log_level="critical",
        lifespan="on" if lifespan else "off",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(how)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()


@dataclass(frozen=True)
class Api:
    """Where an API listens, and the auth service that it asks."""

    url: str
    auth: FakeAuth

    @contextlib.contextmanager
    def visitor(self, email: str | None = None) -> Iterator["Visitor"]:
        """Give somebody who is signed in: somebody new unless it says who."""
        session = self.auth.sign_in(email or f"{secrets.token_hex(8)}@example.com")
        with httpx.Client(
            base_url=self.url,
            timeout=30,
            trust_env=False,
            verify=NO_TLS,
            cookies={COOKIE: session["token"]},
            headers={"X-CSRF-Token": session["csrf_token"]},
        ) as client:
            yield Visitor(client, session["email"], session["token"], session["csrf_token"])


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in."""

    http: httpx.Client
    email: str
    token: str
    csrf_token: str

    @property
    def head(self) -> str:
        """What makes a request this visitor's, for requests that are written by hand."""
        return (
            f"Host: {self.http.base_url.netloc.decode()}\r\n"
            f"Cookie: {COOKIE}={self.token}\r\nX-CSRF-Token: {self.csrf_token}\r\n"
        )

    def upload(self, content: bytes | None = None, name: str = "a video.mp4") -> httpx.Response:
        data = sample_video() if content is None else content
        return self.http.post("/videos", files={"file": (name, data, "video/mp4")})

    def uploaded(self, content: bytes | None = None, name: str = "a video.mp4") -> dict[str, Any]:
        """Upload a video; return it once it is settled."""
        answer = self.upload(content, name)
        assert answer.status_code == 202, answer.text
        return self.settled(answer.json()["id"])

    def settled(self, video_id: str) -> dict[str, Any]:
        """Return a video once nothing is done to it any more."""

        def look() -> dict[str, Any] | None:
            video: dict[str, Any] = self.http.get(f"/videos/{video_id}").json()
            return video if video["status"] in ("ready", "failed") else None

        return until(look, "the end of the processing")

    def videos(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get("/videos").json()["videos"]
        return found


@contextlib.contextmanager
def api_of(settings: Mapping[str, Any]) -> Iterator[Api]:
    """Serve an API with settings; the environment of the tests is none of them."""
    auth = FakeAuth()
    app = create_app(Settings(**settings), httpx.ASGITransport(auth))
    with served(app) as url:
        yield Api(url, auth)


@contextlib.contextmanager
def embedded_api(folder: Path, **settings: Any) -> Iterator[Api]:
    """Serve an API with its data in a folder."""
    with api_of({"data_dir": folder, **settings}) as api:
        yield api


def error_of(answer: httpx.Response) -> str:
    """Return the code of an error, which must be one as all are."""
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint"}
    assert error["message"].endswith(".")
    return str(error["code"])
