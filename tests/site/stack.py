"""Real Streamlit processes and the site behind a real gateway, for browser tests."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

APP_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], bool], what: str, seconds: float = APP_SECONDS) -> None:
    """Wait until a condition holds; fail when it does not in time."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        pause.wait(0.03)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def look(page: Page) -> None:
    """Let the page look at the state at once, as when someone comes back to its tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


class Process:
    """A child that is gone when the block is left."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._log = log.open("ab")
        self._child = subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._child.terminate()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(10)
        self._log.close()


def streamlit(script: Path, port: int, key: str, instance: str, *options: str) -> Process:
    """Start an instance as the controller does: below its own path."""
    base = f"app/{key}/~{instance}"
    process = Process(
        [
            *(sys.executable, "-m", "streamlit", "run", str(script)),
            *("--server.address", "127.0.0.1", "--server.port", str(port)),
            *("--server.baseUrlPath", base, "--server.headless", "true"),
            *("--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false"),
            *options,
        ],
        script.parent / "streamlit.log",
    )
    health = f"http://127.0.0.1:{port}/{base}/_stcore/health"
    wait_for(lambda: answers(health), f"{instance} answering")
    return process


class Gateway:
    """Caddy with the routes of one app; whatever fails goes to the site."""

    def __init__(self, key: str, site_port: int, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._admin = f"127.0.0.1:{free_port()}"
        self._key = key
        self._site = [_proxy(site_port)]
        config = folder / "caddy.json"
        config.write_text(json.dumps(self._config([])))
        caddy = Path(sys.executable).with_name("caddy")
        self._process = Process([str(caddy), "run", "--config", str(config)], folder / "caddy.log")
        wait_for(lambda: answers(f"{self.url}/healthz"), "the gateway answering", 20)

    def route(self, instance: str, port: int) -> None:
        """Send the app's requests to an instance, and those for any other one there too."""
        prefix = f"/app/{self._key}"
        self._load(
            [
                {
                    "match": [{"path": [f"{prefix}/~{instance}", f"{prefix}/~{instance}/*"]}],
                    "handle": [_proxy(port)],
                },
                {
                    "match": [
                        {"path_regexp": {"name": "r", "pattern": f"^{prefix}/(?:~[^/]*/?)?(.*)$"}}
                    ],
                    "handle": [_redirect(f"{prefix}/~{instance}/{{http.regexp.r.1}}")],
                },
            ]
        )

    def unroute(self) -> None:
        self._load([])

    def stop(self) -> None:
        self._process.stop()

    def _load(self, routes: list[Any]) -> None:
        request = urllib.request.Request(
            f"http://{self._admin}/load",
            json.dumps(self._config(routes)).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10):
            pass

    def _config(self, routes: list[Any]) -> dict[str, Any]:
        site = {"handle": self._site}
        return {
            "admin": {"listen": self._admin, "config": {"persist": False}},
            "apps": {
                "http": {
                    "servers": {
                        "main": {
                            "listen": [f"127.0.0.1:{self.port}"],
                            "automatic_https": {"disable": True},
                            "routes": [*routes, site],
                            "errors": {"routes": [site]},
                        }
                    }
                }
            },
        }


@contextlib.contextmanager
def serving(app: Flask) -> Iterator[int]:
    """Serve the site in this process, so that a test can change what it shows."""

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
            pass

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_port)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _proxy(port: int) -> dict[str, Any]:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"127.0.0.1:{port}"}],
        "flush_interval": -1,
        "stream_close_delay": "5s",
    }


def _redirect(path: str) -> dict[str, Any]:
    return {
        "handler": "static_response",
        "status_code": 307,
        "headers": {"Location": [path + "{http.request.uri.prefixed_query}"]},
    }
