"""What a video library must not do, one mistake each."""

import contextlib
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from starlette.responses import PlainTextResponse

from tests.apps.video_library.mistakes.subject import LARGEST, Subject
from tests.apps.video_library.sample_video import sample_video
from tests.apps.video_library.web_api.boxes import padded
from tests.apps.video_library.web_api.serving import COOKIE
from tests.apps.video_library.web_api.wire import END, FORM, file_part, wire
from tests.support.waiting import until

SOMEBODY = {"email": "ann@example.com", "password": "a long password"}
SCRIPT = "<script>alert(1)</script>"
MIB = 1024 * 1024
MOST_MEMORY = 8 * MIB


def upload(client: httpx.Client, content: bytes | None = None, name: str = "a.mp4") -> str:
    """Upload a video; return its id once it is ready."""
    data = sample_video() if content is None else content
    answer = client.post("/videos", files={"file": (name, data, "video/mp4")})
    assert answer.status_code == 202, answer.text
    video_id: str = answer.json()["id"]
    until(lambda: client.get(f"/videos/{video_id}").json()["status"] == "ready", "a video")
    return video_id


def listed(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/videos").json()["videos"]
    return found


def no_failure_of_auth_signs_anybody_in(subject: Subject) -> None:
    for status in (500, 502, 200):
        subject.auth.answers["POST", "/sessions"] = PlainTextResponse("error 1", status)
        with subject.client() as client:
            answer = client.post("/login", json=SOMEBODY)
            assert answer.status_code == 503
            assert "set-cookie" not in answer.headers


def no_secret_is_in_the_source(subject: Subject) -> None:
    """A session of one library is none in another one."""
    with subject.visitor() as visitor:
        cookies = {COOKIE: visitor.cookies[COOKIE]}
    answer = httpx.get(f"{subject.other_url}/session", cookies=cookies, trust_env=False)
    assert answer.status_code == 401


def no_session_is_guessed(subject: Subject) -> None:
    for value in ("ann@example.com", "1", "admin", "", "ann@example.com:1"):
        headers = {"Cookie": f"{COOKIE}={value}"}
        answer = httpx.get(f"{subject.url}/session", headers=headers, trust_env=False)
        assert answer.status_code == 401


def no_stream_is_another_accounts(subject: Subject) -> None:
    with subject.visitor() as ann, subject.visitor() as bob:
        video_id = upload(ann)
        assert ann.get(f"/stream/{video_id}").status_code == 200
        assert bob.get(f"/stream/{video_id}").status_code == 404


def no_video_is_deleted_by_another_account(subject: Subject) -> None:
    with subject.visitor() as ann, subject.visitor() as bob:
        video_id = upload(ann)
        assert bob.delete(f"/videos/{video_id}").status_code == 404
        assert [each["id"] for each in listed(ann)] == [video_id]


def no_range_is_ignored(subject: Subject) -> None:
    with subject.visitor() as ann:
        answer = ann.get(f"/stream/{upload(ann)}", headers={"Range": "bytes=100-199"})
        assert answer.status_code == 206
        assert answer.content == sample_video()[100:200]


def no_anonymous_request_is_a_failure(subject: Subject) -> None:
    with subject.visitor() as ann, subject.client() as nobody:
        for path in (f"/stream/{upload(ann)}", "/videos", "/session"):
            assert nobody.get(path).status_code == 401


def no_missing_file_is_a_failure(subject: Subject) -> None:
    with subject.visitor() as ann:
        video_id = upload(ann)
        for file in subject.files():
            file.unlink()
        assert ann.get(f"/stream/{video_id}").status_code == 404
        assert ann.get("/stream/nothing").status_code == 404


def no_file_is_larger_than_it_may_be(subject: Subject) -> None:
    before = subject.files()
    with subject.visitor() as ann:
        content = padded(sample_video(), LARGEST + MIB)
        answer = ann.post("/videos", files={"file": ("a.mp4", content)})
        assert answer.status_code == 413
        assert listed(ann) == []
    assert subject.files() == before


def no_file_is_taken_at_its_word(subject: Subject) -> None:
    with subject.visitor() as ann:
        page = f"<html>{SCRIPT}</html>".encode() * 10
        answer = ann.post("/videos", files={"file": ("a.mp4", page, "video/mp4")})
        assert answer.status_code == 415
        assert listed(ann) == []


def no_upload_is_held_in_memory(subject: Subject) -> None:
    with subject.visitor() as ann, counted() as peak:
        headers = {"Content-Type": FORM.split(": ")[1].strip()}
        answer = ann.post("/videos", content=large_form(LARGEST - MIB), headers=headers)
        assert answer.status_code == 202
    assert peak[0] < MOST_MEMORY


def large_form(size: int) -> Iterator[bytes]:
    """Yield a form with a video of so many bytes."""
    yield file_part(sample_video())
    left = size - len(sample_video())
    yield left.to_bytes(4) + b"free"
    left -= 8
    while left:
        data = bytes(min(left, 65536))
        yield data
        left -= len(data)
    yield END


def no_stream_is_held_in_memory(subject: Subject) -> None:
    with subject.visitor() as ann:
        video_id = upload(ann, padded(sample_video(), LARGEST - MIB))
        with counted() as peak, ann.stream("GET", f"/stream/{video_id}") as answer:
            size = sum(len(each) for each in answer.iter_raw(65536))
        assert size == LARGEST - MIB
        assert peak[0] < MOST_MEMORY


def no_upload_that_is_cut_off_leaves_anything(subject: Subject) -> None:
    before = subject.files()
    with subject.visitor() as ann, wire(subject.url) as connection:
        cookie = f"Cookie: {COOKIE}={ann.cookies[COOKIE]}\r\n"
        token = "".join(f"{name}: {value}\r\n" for name, value in csrf(ann).items())
        head = f"POST /videos HTTP/1.1\r\nHost: {ann.base_url.netloc.decode()}\r\n"
        connection.send(head, cookie, token, FORM, "Content-Length: 9000000\r\n\r\n")
        connection.send(file_part(padded(sample_video(), 2_000_000)))
        until(lambda: listed(ann), "the beginning of the upload")
        connection.cut()
        until_or_false(lambda: listed(ann) == [])
        assert listed(ann) == []
    assert subject.files() == before


def no_row_is_left_without_its_file(subject: Subject) -> None:
    with subject.visitor() as ann:
        upload(ann)
        for file in subject.files():
            file.unlink()
        assert all(each["status"] == "failed" for each in listed(ann))


def no_file_is_left_without_its_row(subject: Subject) -> None:
    before = subject.files()
    with subject.visitor() as ann:
        assert ann.delete(f"/videos/{upload(ann)}").status_code == 204
        assert listed(ann) == []
    assert subject.files() == before


def no_link_signs_anybody_out(subject: Subject) -> None:
    with subject.visitor() as ann:
        assert ann.get("/logout").status_code == 405
        assert ann.get("/session").status_code == 200


def no_session_outlasts_its_end(subject: Subject) -> None:
    with subject.visitor() as ann:
        cookie = f"{COOKIE}={ann.cookies[COOKIE]}"
        assert ann.post("/logout").status_code == 204
        answer = httpx.get(f"{subject.url}/session", headers={"Cookie": cookie}, trust_env=False)
        assert answer.status_code == 401


def no_other_site_may_change_anything(subject: Subject) -> None:
    with subject.visitor() as ann:
        video_id = upload(ann)
        elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        files = {"file": ("a.mp4", sample_video())}
        assert ann.post("/videos", files=files, headers=elsewhere).status_code == 403
        assert ann.delete(f"/videos/{video_id}", headers=elsewhere).status_code == 403
        assert ann.post("/logout", headers=elsewhere).status_code == 403


def no_cookie_is_enough_to_change_anything(subject: Subject) -> None:
    with subject.visitor() as ann:
        video_id = upload(ann)
        ann.headers.pop("X-CSRF-Token", None)
        files = {"file": ("a.mp4", sample_video())}
        assert ann.post("/videos", files=files).status_code == 403
        assert ann.delete(f"/videos/{video_id}").status_code == 403


def no_address_comes_back_as_html(subject: Subject) -> None:
    subject.auth.answers["POST", "/sessions"] = PlainTextResponse("no", 401)
    with subject.client() as client:
        answer = client.post("/login", json={"email": SCRIPT, "password": "x"})
        assert SCRIPT not in answer.text
        assert "html" not in answer.headers["content-type"]


def no_title_comes_back_as_html(subject: Subject) -> None:
    with subject.visitor() as ann:
        upload(ann, name=f"{SCRIPT}.mp4")
        answer = ann.get("/videos", headers={"Accept": "text/html"})
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def csrf(client: httpx.Client) -> dict[str, str]:
    token = client.headers.get("X-CSRF-Token")
    return {"X-CSRF-Token": token} if token else {}


def until_or_false(look: Callable[[], bool]) -> None:
    """Wait a little for what the checks then ask."""
    with contextlib.suppress(AssertionError):
        until(look, "what is hoped for", 2)


@contextlib.contextmanager
def counted() -> Iterator[list[int]]:
    """Give the most memory that is used meanwhile, in bytes; known at the end."""
    peak = [0]
    tracemalloc.start()
    try:
        yield peak
        peak[0] = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CHECKS = (
    no_failure_of_auth_signs_anybody_in,
    no_secret_is_in_the_source,
    no_session_is_guessed,
    no_stream_is_another_accounts,
    no_video_is_deleted_by_another_account,
    no_range_is_ignored,
    no_anonymous_request_is_a_failure,
    no_missing_file_is_a_failure,
    no_file_is_larger_than_it_may_be,
    no_file_is_taken_at_its_word,
    no_upload_is_held_in_memory,
    no_stream_is_held_in_memory,
    no_upload_that_is_cut_off_leaves_anything,
    no_row_is_left_without_its_file,
    no_file_is_left_without_its_row,
    no_link_signs_anybody_out,
    no_session_outlasts_its_end,
    no_other_site_may_change_anything,
    no_cookie_is_enough_to_change_anything,
    no_address_comes_back_as_html,
    no_title_comes_back_as_html,
)
