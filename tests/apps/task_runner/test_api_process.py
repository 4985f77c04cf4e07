"""The REST API as people start it: a process of its own, asked by the page's client."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from computations.catalogue import COMPUTATIONS
from streamlit.testing.v1 import AppTest
from task_runner.api_client import ApiClient, ApiFailed, ApiUnreachable

from tests.apps.task_runner.conftest import APP, LARGE, SMALL
from tests.support.ports import free_port
from tests.support.servers import silent_listener
from tests.support.waiting import until

pytestmark = pytest.mark.journey

KIT = APP.parents[1] / "streamlit_kit/src"


class ApiProcess:
    """uvicorn with the API, on a socket of ours."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            self.process = subprocess.Popen(
                [sys.executable, "-m", "uvicorn", "api:app", "--fd", str(listening.fileno())],
                cwd=APP,
                env=os.environ | {"PYTHONPATH": str(KIT), "PYTHONDONTWRITEBYTECODE": "1"},
                pass_fds=[listening.fileno()],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )

    def end(self) -> str:
        """End it as a supervisor does; return what it wrote."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.communicate(timeout=15)[1]
        finally:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[ApiProcess]:
    server = ApiProcess()
    try:
        # The socket listens already: the first answer comes when it is ready.
        with ApiClient(server.url, wait=30) as client:
            client.ping()
        yield server
    finally:
        server.end()


@pytest.fixture
def client(server: ApiProcess) -> Iterator[ApiClient]:
    with ApiClient(server.url) as client:
        yield client


def api_page() -> None:
    """The script of the page, for Streamlit's own test runner."""
    from task_runner.api_page import api_page

    api_page()


def open_page() -> AppTest:
    page = AppTest.from_function(api_page, default_timeout=30).run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> None:
    (button,) = (each for each in page.button if each.label.startswith(label))
    button.click().run()
    assert not page.exception


def test_a_job(client: ApiClient) -> None:
    job = client.start("fractal", SMALL["fractal"])
    until(lambda: client.look(job["id"])["status"] == "done", "a picture")
    assert client.picture(job["id"]).startswith(b"\x89PNG")


def test_a_job_that_is_cancelled(client: ApiClient) -> None:
    job = client.start("tour", LARGE["tour"])
    until(lambda: client.look(job["id"])["fraction"] > 0, "its first steps")
    assert client.cancel(job["id"])["status"] in ("cancelling", "cancelled")
    until(lambda: client.look(job["id"])["status"] == "cancelled", "its end")


def test_refusals_say_why(client: ApiClient) -> None:
    with pytest.raises(ApiFailed, match=r"no job of this id\. Results are kept for"):
        client.look("nobody")
    with pytest.raises(ApiFailed, match=r"primes\.millions"):
        client.start("primes", {"millions": 0})


def test_nobody_answers_or_not_in_time() -> None:
    with ApiClient(f"http://127.0.0.1:{free_port()}") as client, pytest.raises(ApiUnreachable):
        client.ping()
    with silent_listener() as silent:
        with ApiClient(f"http://127.0.0.1:{silent.getsockname()[1]}", wait=0.2) as client:
            begun = time.monotonic()
            with pytest.raises(ApiUnreachable, match="does not answer"):
                client.ping()
        assert time.monotonic() - begun < 5


def test_the_page_has_a_job_done(server: ApiProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_URL", server.url)
    monkeypatch.setenv("API_PATH", "/app/task-runner/api")
    page = open_page()
    manifest, _, examples = (each.value for each in page.code)
    assert manifest.splitlines() == ["[services.api]", 'asgi = "api:app"', 'mount = "api"']
    assert "/app/task-runner/api/jobs/ID/picture" in examples
    page.selectbox(key="api-computation").set_value(COMPUTATIONS["primes"]).run()
    press(page, "POST")
    job = page.session_state["api-job"]
    assert job["parameters"] == COMPUTATIONS["primes"].checked({})
    until(lambda: page.run() and page.session_state["api-job"]["fraction"] > 0, "its first steps")
    press(page, "DELETE")
    until(lambda: page.run() and page.session_state["api-job"]["status"] == "cancelled", "its end")
    assert page.json


def test_the_page_forgets_a_job_that_the_api_forgot(
    server: ApiProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_URL", server.url)
    page = open_page()
    press(page, "POST")
    lost = {**page.session_state["api-job"], "id": "lost", "status": "running"}
    with ApiClient(server.url) as client:
        client.cancel(page.session_state["api-job"]["id"])
    page.session_state["api-job"] = lost
    page.run()
    assert "api-job" not in page.session_state
    assert "no job of this id" in page.toast[0].value


@pytest.mark.parametrize("under_controller", [True, False])
def test_the_page_says_what_to_do_where_nobody_answers(
    monkeypatch: pytest.MonkeyPatch, under_controller: bool
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.delenv("API_PATH", raising=False)
    if under_controller:
        monkeypatch.setenv("API_URL", url)
    else:
        monkeypatch.delenv("API_URL", raising=False)
        monkeypatch.setattr("task_runner.api_client.DEFAULT_URL", url)
    page = open_page()
    assert url in page.error[0].value
    said = " ".join(each.value for each in page.markdown)
    assert ("streamlit_controller status" in said) is under_controller
    assert ("uvicorn api:app" in said) is not under_controller
    assert [each.label for each in page.button] == ["Try again"]


def test_it_ends_soon_also_while_it_computes() -> None:
    other = ApiProcess()
    try:
        with ApiClient(other.url, wait=30) as client:
            client.start("primes", LARGE["primes"])
    finally:
        begun = time.monotonic()
        said = other.end()
    assert time.monotonic() - begun < 10
    assert "primes millions=10000 has begun" in said
    assert "Traceback" not in said
