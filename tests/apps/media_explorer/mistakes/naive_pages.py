"""A page's side with every mistake that one can have: its calls, and its embedded server."""

import contextlib
import threading
import time
from pathlib import Path

import httpx
import uvicorn

from tests.apps.media_explorer.mistakes.naive_server import naive_app

SERVER = "http://127.0.0.1:1"


class NaiveGallery:
    """Pastes names into URLs, and waits for an answer for as long as it takes."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._client = httpx.Client(timeout=None, transport=transport)  # noqa: S113

    def ask(self, source: str, name: str) -> None:
        with contextlib.suppress(httpx.InvalidURL):
            self._client.get(f"{SERVER}/media_place/{source}/{name}")

    def picture_url(self, source: str, name: str) -> str:
        return f"{SERVER}/media/{source}/{name}"


class NaiveEmbedded:
    """A server for each who asks, on one port; a thread that is to be started a second time."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        app = naive_app(folder)
        self._server = uvicorn.Server(
            uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 10
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)

    def _run(self) -> None:
        with contextlib.suppress(SystemExit):  # as it ends if its port is taken
            self._server.run()

    def recycle(self) -> None:
        self.stop()
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


class NaivePages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: list[NaiveEmbedded] = []

    def gallery(self, transport: httpx.BaseTransport) -> NaiveGallery:
        return NaiveGallery(transport)

    def embedded(self, port: int) -> NaiveEmbedded:
        self._servers.append(NaiveEmbedded(self._folder, port))
        return self._servers[-1]

    def stop(self) -> None:
        for server in self._servers:
            server.stop()
