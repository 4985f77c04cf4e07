"""The whole library under the real controller, in a real browser."""

import functools
import os
import re
import signal
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, expect

from tests.apps.video_library.page.visitor import PASSWORD, Visitor
from tests.apps.video_library.sample_video import Sample, sample_video
from tests.journeys.project import SampleProject
from tests.support.browser import LOOKS, PICTURES, dress
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.journey]

KEY = "video-library"
BROKE_OFF = "The upload broke off."


@pytest.fixture(scope="module")
def library(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleProject]:
    project = SampleProject.make(tmp_path_factory.mktemp("library") / "project")
    project.add_bundled(KEY)
    project.configure({KEY: {}})
    try:
        project.run("start")
        yield project
    finally:
        project.end()


@pytest.fixture(scope="module")
def enter(browser: Browser, library: SampleProject) -> Iterator[Callable[[str], Visitor]]:
    """Return what makes a visitor by their address."""
    contexts = []

    def enter(email: str) -> Visitor:
        context = browser.new_context(base_url=library.url)
        contexts.append(context)
        return Visitor(context, email)

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def eve(enter: Callable[[str], Visitor]) -> Visitor:
    """The owner of all videos, signed in."""
    visitor = enter("eve@example.com")
    visitor.sign_up()
    return visitor


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of ten seconds with a name that would be HTML."""
    path = tmp_path_factory.mktemp("film") / "Waves <b>at night.mp4"
    path.write_bytes(sample_video(Sample(640, 360, seconds=10, sound=True)))
    return path


def api_pids(library: SampleProject) -> set[int]:
    """Return the processes of the web API that are well."""
    instances = library.status()["apps"][KEY]["services"]["api"]["instances"]
    return {int(each["pid"]) for each in instances if each["state"] == "running"}


def test_from_sign_up_to_playing_and_seeking(eve: Visitor, film: Path) -> None:
    expect(eve.page.get_by_text("No videos yet")).to_be_visible()
    eve.upload(film)
    partial: list[Response] = []
    eve.tab.on("response", lambda each: partial.append(each) if each.status == 206 else None)
    video = eve.play("Waves <b>at night")
    until(lambda: video.evaluate("each => each.currentTime") > 0.2, "it plays")
    video.evaluate("each => { each.pause(); each.currentTime = 8 }")
    until(lambda: not video.evaluate("each => each.seeking"), "it has been sought")
    assert video.evaluate("each => [each.currentTime, each.error]") == [8, None]
    assert video.evaluate("each => Math.round(each.duration)") == 10
    before = video.evaluate("each => { each.play(); return each.currentTime }")
    until(lambda: video.evaluate("each => each.currentTime") > before, "it plays on from there")
    assert {each.headers["content-type"] for each in partial} == {"video/mp4"}
    assert all("/api/stream/" in each.url for each in partial)
    expect(eve.page.get_by_role("heading", name="Waves <b>at night")).to_be_visible()
    expect(eve.tile("Waves")).to_contain_text("0:10")
    # The address says what plays: a reload plays it again.
    eve.tab.reload()
    expect(eve.page.locator("video[controls]")).to_be_visible()
    eve.page.get_by_role("button", name="Close").click()
    expect(eve.page.locator("video[controls]")).to_have_count(0)


def test_nobody_else_sees_it(
    eve: Visitor, enter: Callable[[str], Visitor], library: SampleProject
) -> None:
    (video,) = eve.videos()
    stream, entry = f"/stream/{video['id']}", f"/videos/{video['id']}"
    assert eve.ask("GET", stream) == 200
    stranger = enter("nobody@example.com")
    assert [stranger.ask("GET", path) for path in (stream, entry, "/videos")] == [401] * 3
    mallory = enter("mallory@example.com")
    mallory.sign_up()
    expect(mallory.page.get_by_text("No videos yet")).to_be_visible()
    assert mallory.videos() == []
    assert [mallory.ask("GET", path) for path in (stream, entry)] == [404] * 2
    assert mallory.ask("HEAD", stream) == 404
    assert mallory.ask("DELETE", entry, headers=mallory.proof()) == 404
    mallory.open(f"/video-library/?v={video['id']}")
    expect(mallory.page.get_by_text("No videos yet")).to_be_visible()
    expect(mallory.page.locator("video")).to_have_count(0)
    assert [each["id"] for each in eve.videos()] == [video["id"]]
    mallory.tab.close()


def test_wrong_passwords_and_what_signing_in_tells(enter: Callable[[str], Visitor]) -> None:
    visitor, stranger = enter("eve@example.com"), enter("nobody@example.com")
    visitor.open()
    told = visitor.page.get_by_role("alert").filter(has_text="wrong")
    visitor.fill_in("Sign in", "not her password")
    expect(told).to_be_visible()
    # An address that is taken: neither a new account, nor the old one with a new password.
    visitor.fill_in("Create account", "another long password")
    expect(visitor.page.get_by_text("If you have an account already")).to_be_visible()
    visitor.fill_in("Sign in")
    expect(visitor.page.get_by_role("button", name="Sign out")).to_be_visible()
    (cookie,) = (each for each in visitor.context.cookies() if "library" in each["name"])
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    kept = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    assert stranger.ask("GET", "/videos", headers=kept) == 200
    assert cookie["path"] == "/app/video-library/"
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(visitor.page.locator("form")).to_be_visible()
    assert not [each for each in visitor.context.cookies() if "library" in each["name"]]
    # Whoever kept the cookie has nothing of it any more.
    assert stranger.ask("GET", "/videos", headers=kept) == 401
    visitor.tab.close()


def test_a_page_beside_which_somebody_else_has_signed_in(
    enter: Callable[[str], Visitor], film: Path
) -> None:
    visitor = enter("first@example.com")
    visitor.sign_up()
    second = {"email": "second@example.com", "password": PASSWORD}
    for path in ("/sign-up", "/login"):
        assert visitor.ask("POST", path, data=second) in (202, 200)
    told = visitor.page.get_by_role("alert").filter(has_text="Another session has begun")
    visitor.upload(film)
    expect(told).to_be_visible()
    assert visitor.videos() == []
    visitor.page.get_by_role("button", name="Sign out").click()
    expect(told).to_have_count(2)
    visitor.tab.reload()
    expect(visitor.page.get_by_text("second@example.com")).to_be_visible()
    visitor.tab.close()


def test_bad_files(eve: Visitor, tmp_path: Path) -> None:
    notes, hollow = tmp_path / "notes.mp4", tmp_path / "hollow.mp4"
    notes.write_text("no video at all")
    hollow.write_bytes(b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0\0\x10\x00mdat" + bytes(4088))
    eve.upload(notes, hollow)
    refused = eve.page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(refused.filter(has_text="notes.mp4")).to_contain_text("This is no MP4 video.")
    failed = eve.tile("hollow")
    expect(failed.locator(".problem")).to_be_visible()
    expect(failed.get_by_role("button", name="Play hollow")).to_be_disabled()
    eve.delete("hollow")
    refused.get_by_role("button", name="Dismiss").click()
    expect(refused).to_have_count(0)


def test_a_killed_api_in_the_middle_of_an_upload(
    eve: Visitor, library: SampleProject, film: Path, tmp_path: Path
) -> None:
    long = tmp_path / "long.mp4"
    # A box that players skip: a large file that is still a video.
    size = 8 * 2**20
    long.write_bytes(film.read_bytes() + size.to_bytes(4) + b"free" + bytes(size - 8))
    network = eve.context.new_cdp_session(eve.tab)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2**20}
    network.send("Network.emulateNetworkConditions", slow)
    eve.upload(long)
    expect(eve.tile("long")).to_contain_text("Uploading")
    keyboard = eve.tile("Waves").get_by_role("button", name="Delete")
    keyboard.focus()
    until(lambda: max(each["received"] for each in eve.videos()) > 100_000, "some of it is there")
    expect(
        eve.page.get_by_role("button", name=re.compile("Play long: Uploading: [1-9]"))
    ).to_be_visible()
    expect(keyboard).to_be_focused()  # though the page has changed
    (pid,) = api_pids(library)
    os.kill(pid, signal.SIGKILL)
    upload = eve.page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(upload).to_contain_text(BROKE_OFF)
    network.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    until(lambda: len(eve.videos()) == 1, "nothing is left of it")
    home = library.root / ".state/homes" / KEY
    until(lambda: len([*home.rglob("*.mp4")]) == 1, "no half of it is left")
    upload.get_by_role("button", name="Try again").click()
    eve.expect_ready("long")
    eve.delete("long")


def test_the_page_waits_for_an_api_that_is_away(eve: Visitor, library: SampleProject) -> None:
    eve.open()
    eve.expect_ready("Waves <b>at night")
    main = library.root / "apps" / KEY / "web_api/video_api/main.py"
    text = main.read_text()
    main.write_text("broken =\n")
    for pid in api_pids(library):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not api_pids(library), "it is away")
    eve.page.get_by_role("button", name="Delete Waves").click()  # whatever makes the page run
    message = eve.page.get_by_text("This page goes on as soon as it does.")
    expect(message).to_be_visible()
    expect(eve.tile("Waves")).to_be_visible()  # nothing goes that is needed again
    main.write_text(text)
    eve.expect_ready("Waves <b>at night")
    expect(message).to_have_count(0)


def test_it_sleeps_wakes_and_restarts_with_its_services(
    eve: Visitor, library: SampleProject
) -> None:
    eve.tab.goto("about:blank")  # an open tab comes back at once, and wakes it
    library.run("sleep", KEY, "--force")
    app = library.status()["apps"][KEY]
    assert {app["state"], *(each["state"] for each in app["services"].values())} == {"sleeping"}
    eve.open()
    video = eve.play("Waves <b>at night")
    until(lambda: video.evaluate("each => each.currentTime") > 0, "it plays")
    before = api_pids(library)
    library.run("restart", KEY)
    assert not before & api_pids(library)
    video.evaluate("each => { each.pause(); each.currentTime = 5 }")
    until(lambda: not video.evaluate("each => each.seeking"), "it has been sought")
    assert video.evaluate("each => [each.currentTime, each.error]") == [5, None]


def test_it_scales_with_its_services(eve: Visitor, library: SampleProject, film: Path) -> None:
    manifest = tomllib.loads((library.root / "apps" / KEY / "app.toml").read_text())
    services = manifest["services"]
    services["api"] |= {"replicas": 2}
    services["auth"] |= {"replicas": 2}
    library.configure({KEY: {"replicas": 2, "services": services}})
    library.run("refresh")
    app = library.status()["apps"][KEY]
    running = [app, app["services"]["api"], app["services"]["auth"]]
    for each in running:
        assert [one["state"] for one in each["instances"]].count("running") == 2
    eve.open()
    eve.upload(film)
    expect(eve.tile("Waves <b>at night")).to_have_count(2)
    statuses = [eve.ask("GET", "/videos") for _ in range(20)]
    assert statuses == [200] * 20
    eve.tile("Waves <b>at night").first.get_by_role("button", name="Delete").click()
    eve.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(eve.tile("Waves <b>at night")).to_have_count(1)


def test_pictures(eve: Visitor, film: Path, tmp_path: Path) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    eve.open()
    for title, source in (("Into the set", "mandelbrot"), ("Evening light", "gradients")):
        drawn = sample_video(Sample(640, 360, seconds=4, source=source))
        (tmp_path / f"{title}.mp4").write_bytes(drawn)
    eve.upload(*sorted(tmp_path.glob("*.mp4")))
    eve.expect_ready("Evening light")
    video = eve.play("Into the set")
    until(lambda: video.evaluate("each => each.currentTime") > 2, "it shows something")
    video.evaluate("each => each.pause()")
    for look in LOOKS:
        dress(eve.tab, look)
        if look != "phone":
            eve.tab.set_viewport_size({"width": 1280, "height": 1000})
        loaded = """all => all.every(each => {
            const { top, bottom } = each.getBoundingClientRect();
            return bottom <= 0 || top >= innerHeight || each.readyState > 1;
        })"""
        shown = eve.page.locator("video")
        until(functools.partial(shown.evaluate_all, loaded), "all that is to be seen")
        eve.tab.screenshot(path=PICTURES / f"video-library-{look}.png")
        wide = "document.documentElement.scrollWidth > window.innerWidth"
        assert not eve.tab.frames[1].evaluate(wide)


def test_signing_in_looks_good(enter: Callable[[str], Visitor]) -> None:
    visitor = enter("new@example.com")
    visitor.open()
    expect(visitor.page.get_by_label("Password")).to_be_visible()
    for look in LOOKS:
        dress(visitor.tab, look)
        visitor.tab.screenshot(path=PICTURES / f"video-library-sign-in-{look}.png")
