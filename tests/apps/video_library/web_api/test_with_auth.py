"""The web API with the real auth service: both agree on what they say to one another."""

from pathlib import Path

import httpx
import pytest

from tests.apps.video_library.processes import running, start_auth, start_web_api
from tests.apps.video_library.sample_video import sample_video
from tests.apps.video_library.web_api.serving import COOKIE, NO_TLS, error_of
from tests.support.waiting import until

pytestmark = pytest.mark.journey

ANN = {"email": "Ann@example.com", "password": "correct horse battery"}


def test_an_account_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    auth = start_auth(tmp_path)
    api = start_web_api(tmp_path, auth.url)
    with (
        running(auth, api),
        httpx.Client(base_url=api.url, trust_env=False, verify=NO_TLS, timeout=30) as client,
    ):
        refused = client.post("/sign-up", json={**ANN, "password": "short"})
        assert (refused.status_code, error_of(refused)) == (422, "weak-password")
        answers = [client.post("/sign-up", json=ANN) for _ in range(2)]
        assert [each.status_code for each in answers] == [202, 202]
        assert answers[0].content == answers[1].content
        wrong = client.post("/login", json={**ANN, "password": "wrong horse battery"})
        assert (wrong.status_code, error_of(wrong)) == (401, "wrong-credentials")
        login = client.post("/login", json=ANN)
        assert login.status_code == 200
        client.headers["X-CSRF-Token"] = login.json()["csrf_token"]
        assert client.get("/session").json() == login.json()
        upload = client.post("/videos", files={"file": ("a.mp4", sample_video())})
        path = upload.headers["location"]
        until(lambda: client.get(path).json()["status"] == "ready", "the video")
        assert client.get(client.get(path).json()["stream"]).content == sample_video()
        assert client.get("/health").json()["auth"] == "ok"
        token = client.cookies[COOKIE]
        assert client.post("/logout").status_code == 204
        ended = client.get("/videos", headers={"Cookie": f"{COOKIE}={token}"})
        assert (ended.status_code, error_of(ended)) == (401, "not-signed-in")
        statuses = [client.post("/login", json={**ANN, "password": "x" * 10}) for _ in range(6)]
        assert statuses[-1].status_code == 429
        assert int(statuses[-1].headers["retry-after"]) > 0
        auth.end()
        away = client.get("/videos", headers={"Cookie": f"{COOKIE}={token}"})
        assert (away.status_code, error_of(away)) == (503, "auth-unavailable")
    for said in (auth.said, api.said):
        assert "Traceback" not in said
        assert ANN["password"] not in said
        assert token not in said
