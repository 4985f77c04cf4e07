"""The site as the process that the manager starts."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.manager import Manager
from tests.site.statuses import app_status, document
from tests.support.waiting import until

REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.journey


class Site:
    """The process, and requests to it."""

    def __init__(self, root: Path) -> None:
        # Listening before the process is there: connections wait for it.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            self.log = root / "website.log"
            with self.log.open("wb") as log:
                self.process = subprocess.Popen(
                    [
                        *(sys.executable, "-m", "streamlit_site"),
                        *("--project", str(root), "--fd", str(listener.fileno())),
                    ],
                    cwd=REPOSITORY,
                    pass_fds=[listener.fileno()],
                    stdout=log,
                    stderr=log,
                )

    def get(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.process.kill()
    site.process.wait(10)


def test_it_answers_waits_for_the_manager_and_outlives_it(site: Site, tmp_path: Path) -> None:
    assert site.get("/healthz") == (200, "ok\n")
    assert site.get("/")[0] == 503
    with Manager(tmp_path) as manager:
        manager.publish(document(demo=app_status()))
        until(lambda: site.get("/")[0] == 200, "the catalogue", 10)
    status, text = site.get("/api/v1/status")
    assert status == 200
    assert json.loads(text)["apps"]["demo"]["name"] == "Demo"
    assert site.get("/demo/a%2Fb?x=%20")[1].count('src="/app/demo/a%2Fb?x=%20"') == 1


def test_nobody_hears_that_it_knows_nothing_when_the_manager_is_there(
    site: Site, tmp_path: Path
) -> None:
    """Where it takes another's place, that one has known all along."""
    with Manager(tmp_path) as manager:
        manager.publish(document(demo=app_status()))
        assert site.get("/")[0] == 200


def test_it_ends_well_when_asked(site: Site) -> None:
    site.get("/healthz")
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(5) == 0
    assert "Traceback" not in site.log.read_text()


def test_it_ends_well_when_asked_at_once(site: Site) -> None:
    until(lambda: site.process.poll() is None, "the process", 5)
    site.process.send_signal(signal.SIGTERM)
    # Before Python itself is up, the signal has its usual effect.
    assert site.process.wait(5) in {0, -signal.SIGTERM}


def test_an_open_connection_does_not_hold_up_its_end(site: Site) -> None:
    site.get("/healthz")
    with socket.create_connection(("127.0.0.1", site.port)) as slow:
        slow.sendall(b"POST /app/demo/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        site.process.send_signal(signal.SIGTERM)
        before = time.monotonic()
        assert site.process.wait(8) == 0
        assert time.monotonic() - before < 5


def test_a_websocket_and_an_upload_for_an_app_that_is_gone(site: Site, tmp_path: Path) -> None:
    with Manager(tmp_path) as manager:
        manager.publish(document(demo=app_status(state="failed")))
        until(lambda: site.get("/")[0] == 200, "the catalogue", 10)
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": "x" * 22 + "==",
            "Sec-WebSocket-Version": "13",
        }
        assert site.get("/app/demo/~abcd/_stcore/stream", headers=upgrade)[0] == 503
        body = bytes(1 << 20)
        assert site.get("/app/demo/~abcd/_stcore/upload_file/x", "PUT", body)[0] == 503
        assert site.get("/")[0] == 200
    assert "Unsupported upgrade" not in site.log.read_text()
