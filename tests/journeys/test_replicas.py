"""Replicas: a visitor goes to the emptiest, and stays there with all that is theirs."""

import http.client
import http.cookies
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.journeys.project import SampleProject
from tests.support.streamlit_client import StreamlitClient
from tests.support.waiting import until

SCRIPT = """
import os
import streamlit as st
st.write(f"pid {os.getpid()}")
st.download_button("Download", f"from {os.getpid()}".encode())
st.file_uploader("Upload")
"""


@pytest.fixture(scope="module")
def replicated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    project = SampleProject.make(tmp_path_factory.mktemp("replicas") / "project")
    project.add("twice", SCRIPT)
    project.configure({"twice": {"replicas": 2}})
    try:
        project.run("start")
        yield project
    finally:
        project.end()


def sessions(project: SampleProject) -> list[int]:
    return sorted(each["sessions"] for each in project.status()["apps"]["twice"]["instances"])


def ask(
    project: SampleProject, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, bytes, str]:
    """Return status, body and the cookie of an answer at the site's port."""
    connection = http.client.HTTPConnection("127.0.0.1", project.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("Set-Cookie", "")
    finally:
        connection.close()


def upload(project: SampleProject, instance: str, session: str) -> int:
    """Upload a file as a page does; return the answer's status."""
    _, _, cookie = ask(project, "GET", f"{instance}_stcore/health", Referer=project.url)
    token = http.cookies.SimpleCookie(cookie)["_streamlit_xsrf"].value
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
    )
    status, _, _ = ask(
        project,
        "PUT",
        f"{instance}_stcore/upload_file/{session}/file1",
        body,
        **{
            "Content-Type": "multipart/form-data; boundary=b",
            "Cookie": f"_streamlit_xsrf={token}",
            "X-Xsrftoken": token,
        },
    )
    return status


def test_each_visitor_has_one_and_all_of_theirs_is_there(replicated: SampleProject) -> None:
    page = f"{replicated.url}app/twice/"
    with StreamlitClient(page) as first:
        (pid,) = first.run()
        until(lambda: sessions(replicated) == [0, 1], "the first session's report")
        with StreamlitClient(page) as second:
            (other,) = second.run()
            assert pid != other
            assert first.address != second.address
            here, there = (urlsplit(each.address).path for each in (first, second))
            # A run, an upload and a file of one are with its own process, again and again.
            for _ in range(3):
                assert first.run() == [pid]
                assert second.run() == [other]
            assert upload(replicated, here, first.session_id) == 204
            assert upload(replicated, there, second.session_id) == 204
            assert upload(replicated, there, first.session_id) == 400
            (button,) = (
                each.download_button
                for each in first.elements()
                if each.WhichOneof("type") == "download_button"
            )
            status, body, _ = ask(replicated, "GET", here + button.url.lstrip("/"))
            assert (status, body.decode()) == (200, pid.replace("pid", "from"))
            assert ask(replicated, "GET", there + button.url.lstrip("/"))[0] == 404
        until(lambda: sessions(replicated) == [0, 1], "the second session's end")


def test_the_emptiest_is_the_next(replicated: SampleProject) -> None:
    until(lambda: sessions(replicated) == [0, 0], "the end of the sessions before")
    page = f"{replicated.url}app/twice/"
    with StreamlitClient(page) as one:
        one.run()
        until(lambda: sessions(replicated) == [0, 1], "the report")
        with StreamlitClient(page) as two:
            two.run()
            until(lambda: sessions(replicated) == [1, 1], "the report")
            with StreamlitClient(page) as three:
                three.run()
                until(lambda: sessions(replicated) == [1, 2], "the report")
                fewer = one if three.address == two.address else two
                until(
                    lambda: replicated.get("/app/twice/").url == fewer.address,
                    "the emptier one for the next visitor",
                )


def test_they_sleep_together_and_wake_one_by_one(replicated: SampleProject) -> None:
    replicated.run("sleep", "twice", "--force")
    assert replicated.status()["apps"]["twice"]["instances"] == []
    page = f"{replicated.url}app/twice/"
    with StreamlitClient(page) as one:
        (pid,) = one.run()
        assert len(replicated.status()["apps"]["twice"]["instances"]) == 1
        until(lambda: sessions(replicated) == [1], "the report")
        until(
            lambda: replicated.get("/app/twice/", Accept="text/html").url != one.address,
            "the one that sleeps for the next visitor",
        )
        with StreamlitClient(page) as two:
            (other,) = two.run()
            assert re.match(r"pid \d+", other)
            assert other != pid
