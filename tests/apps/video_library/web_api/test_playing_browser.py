"""A browser plays what is served, and seeks in it, whatever the order of the file's parts."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.apps.video_library.mongo import MongoServer
from tests.apps.video_library.sample_video import Sample, sample_video
from tests.apps.video_library.web_api.serving import COOKIE, api_of

pytestmark = [pytest.mark.browser]

SECONDS = 20
PLAY = """async ([url, to]) => {
  const video = document.createElement("video");
  video.muted = true;
  document.body.append(video);
  const until = (name) => new Promise((resolve, reject) => {
    setTimeout(() => reject(`no ${name} within 20 s`), 20_000);
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", () => reject(video.error.message), { once: true });
  });
  let ready = until("canplay");
  video.src = url;
  await ready;
  const told = { type: video.canPlayType("video/mp4"), duration: video.duration };
  ready = until("seeked");
  video.currentTime = to;
  await ready;
  ready = until("timeupdate");
  await video.play();
  await ready;
  video.pause();
  return { ...told, at: video.currentTime, width: video.videoWidth, height: video.videoHeight };
}"""


@pytest.mark.parametrize("kind", ["embedded", "mongodb"])
def test_a_browser_plays_and_seeks(
    kind: str, tmp_path: Path, mongodb: MongoServer, browser: Browser
) -> None:
    with mongodb.database() as uri:
        where = {"mongodb_uri": uri} if kind == "mongodb" else {"data_dir": tmp_path}
        with api_of(where) as api, api.visitor() as visitor:
            page = browser.new_page()
            page.context.add_cookies(
                [{"name": COOKIE, "value": visitor.token, "url": api.url, "httpOnly": True}]
            )
            # The API itself has no page on which scripts may run but its documentation.
            page.route("**/page", lambda route: route.fulfill(body="", content_type="text/html"))
            page.goto(f"{api.url}/page")
            for faststart in (True, False):
                content = sample_video(Sample(seconds=SECONDS, faststart=faststart))
                video = visitor.uploaded(content)
                played = page.evaluate(PLAY, [video["stream"], 15])
                assert played["type"] in ("maybe", "probably")
                assert played["duration"] == pytest.approx(SECONDS, abs=0.2)
                assert 14.9 <= played["at"] < SECONDS
                assert (played["width"], played["height"]) == (320, 180)
            page.context.clear_cookies()
            assert page.evaluate("async (url) => (await fetch(url)).status", video["stream"]) == 401
            page.close()


SEND = """async ([path, token, size]) => {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(size)]), "zeros.mp4");
  const headers = { "X-CSRF-Token": token };
  const answer = await fetch(path, {
    method: "POST", body: form, headers, signal: AbortSignal.timeout(20_000),
  });
  return [answer.status, (await answer.json()).error.code];
}"""


def test_a_browser_hears_a_refusal_while_it_still_sends(tmp_path: Path, browser: Browser) -> None:
    with api_of({"data_dir": tmp_path}) as api, api.visitor() as visitor:
        page = browser.new_page()
        page.context.add_cookies([{"name": COOKIE, "value": visitor.token, "url": api.url}])
        page.route("**/page", lambda route: route.fulfill(body="", content_type="text/html"))
        page.goto(f"{api.url}/page")
        heard = page.evaluate(SEND, ["/videos", visitor.csrf_token, 24_000_000])
        assert heard == [415, "not-mp4"]
        page.close()
