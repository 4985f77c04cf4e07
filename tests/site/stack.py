"""Real Streamlit processes and the site behind a real gateway, for browser tests."""

import contextlib
import dataclasses
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.waiting import until

START = 60.0
"""Seconds in which a process answers."""

KEY = "demo"
"""The app that the stack has."""


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError as refusal:
        refusal.close()
    except OSError:
        pass
    return False


def look(page: Page) -> None:
    """Let the page look at the state at once, as when someone comes back to its tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


class Process:
    """A child that writes to a log."""

    def __init__(self, command: list[str], log: Path) -> None:
        self._log = log.open("ab")
        self._child = subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def stop(self) -> None:
        """End it at once: it has nothing to lose."""
        self._child.kill()
        self._child.wait(10)
        self._log.close()


@dataclasses.dataclass(frozen=True)
class Streamlit:
    """A Streamlit process as the controller starts it: below its instance's own path."""

    instance: str
    port: int
    process: Process

    @classmethod
    def start(cls, script: Path, port: int, instance: str, *options: str) -> Self:
        command = [
            *(sys.executable, "-m", "streamlit", "run", str(script)),
            *("--server.address", "127.0.0.1", "--server.port", str(port)),
            *("--server.baseUrlPath", f"app/{KEY}/~{instance}", "--server.headless", "true"),
            *("--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false"),
            *options,
        ]
        return cls(instance, port, Process(command, script.parent / "streamlit.log"))

    def wait(self) -> None:
        """Wait until it answers."""
        health = f"http://127.0.0.1:{self.port}/app/{KEY}/~{self.instance}/_stcore/health"
        until(lambda: answers(health), f"{self.instance} answering", START)


class Gateway:
    """Caddy with the routes of one app; whatever fails goes to the site."""

    def __init__(self, port: int, admin_port: int, site_port: int, folder: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._admin = f"127.0.0.1:{admin_port}"
        self._site = [_proxy(site_port)]
        self._current = folder / "current"
        config = folder / "caddy.json"
        config.write_text(json.dumps(self._config([])))
        caddy = Path(sys.executable).with_name("caddy")
        self.process = Process([str(caddy), "run", "--config", str(config)], folder / "caddy.log")

    def wait(self) -> None:
        """Wait until it answers."""
        until(lambda: answers(f"{self.url}/healthz"), "the gateway answering", START)

    def route(self, *instances: Streamlit) -> None:
        """Send requests to these instances; those for any other one to the first of them.

        Whatever is connected to an instance loses its connection, as when that ends.
        """
        prefix = f"/app/{KEY}"
        routes: list[Any] = [
            {
                "match": [{"path": [f"{prefix}/~{one.instance}", f"{prefix}/~{one.instance}/*"]}],
                "handle": [_proxy(one.port)],
            }
            for one in instances
        ]
        if instances:
            self.point(instances[0])
            others = {"name": "r", "pattern": f"^{prefix}/(?:~[^/]*/?)?(.*)$"}
            target = f"{prefix}/~{{file.{self._current}}}/{{http.regexp.r.1}}"
            routes.append(
                {"match": [{"path_regexp": others}], "handle": [_redirect(target)]},
            )
        self._load(routes)

    def point(self, instance: Streamlit) -> None:
        """Send those who come anew to an instance; who is connected to another stays there."""
        self._current.write_text(instance.instance)

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
    }


def _redirect(path: str) -> dict[str, Any]:
    return {
        "handler": "static_response",
        "status_code": 307,
        "headers": {"Location": [path + "{http.request.uri.prefixed_query}"]},
    }
