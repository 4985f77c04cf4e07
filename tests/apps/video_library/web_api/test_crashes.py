"""Processes that die in the middle: what they leave is put in order by whoever comes next."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from video_api.drivers import drivers
from video_api.settings import Settings
from video_api.video import Status

from tests.apps.video_library.processes import WEB_API, ServiceProcess, start_web_api
from tests.apps.video_library.sample_video import sample_video
from tests.apps.video_library.web_api.boxes import padded
from tests.apps.video_library.web_api.fake_auth import FakeAuth, user_id_of
from tests.apps.video_library.web_api.serving import Api, served
from tests.apps.video_library.web_api.test_uploads import begun
from tests.apps.video_library.web_api.wire import END, wire
from tests.support.waiting import until

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[4]
PROGRAM = Path(__file__).with_name("crash_program.py")
FEWEST_STEPS = {"embedded": 20, "mongodb": 12}


def test_a_process_that_dies_at_any_step(settings: Settings, tmp_path: Path) -> None:
    given = settings.model_dump(mode="json", include={"data_dir", "mongodb_uri"})
    done = subprocess.run(
        [sys.executable, PROGRAM, json.dumps(given), tmp_path / "notes"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{WEB_API}"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    steps = [line.split() for line in done.stdout.splitlines()]
    assert len(steps) > FEWEST_STEPS["mongodb" if settings.mongodb_uri else "embedded"]
    assert {ended for _, ended, _, _ in steps[:-1]} == {"70"}
    assert steps[-1][1:] == ["0", "0", "3"]


@pytest.fixture
def auth() -> Iterator[tuple[FakeAuth, str]]:
    fake = FakeAuth()
    with served(fake, lifespan=False) as url:
        yield fake, url


@pytest.fixture
def start(
    settings: Settings, tmp_path: Path, auth: tuple[FakeAuth, str]
) -> Iterator[Callable[..., ServiceProcess]]:
    """Starts processes of one storage, and ends those that still run."""
    with ExitStack() as stack:

        def start(**more: Any) -> ServiceProcess:
            # Of files their locks tell, long before the lease is over.
            environment = {"UPLOAD_LEASE": "600"}
            if settings.mongodb_uri:
                environment = {"UPLOAD_LEASE": "1", "MONGODB_URI": settings.mongodb_uri}
            service = start_web_api(tmp_path, auth[1], environment, **more)
            stack.callback(service.end)
            return service

        yield start


def test_kill_in_the_middle_of_an_upload(
    start: Callable[..., ServiceProcess], auth: tuple[FakeAuth, str], settings: Settings
) -> None:
    """With its lease or, for files, at once, what it left is gone; the others go on."""
    killed, other = start(), start()
    killed.wait()
    other.wait()
    content = padded(sample_video(), 3_000_000)
    with (
        Api(killed.url, auth[0]).visitor() as visitor,
        Api(other.url, auth[0]).visitor(visitor.email) as same,
        wire(killed.url) as dying,
        wire(other.url) as living,
    ):
        begun(dying, visitor, content[:2_000_000], len(content))
        kept = visitor.uploaded()
        with Api(other.url, auth[0]).visitor() as neighbour:
            going_on = begun(living, neighbour, content[:2_000_000], len(content))
            assert len(same.videos()) == 2
            killed.kill()
            if settings.mongodb_uri is None:
                # The kernel has freed the file's lock: whoever starts sees that.
                third = start()
                third.wait()
                assert [each["id"] for each in same.videos()] == [kept["id"]]
                third.end()
            until(lambda: [each["id"] for each in same.videos()] == [kept["id"]], "the sweep")
            assert same.http.get("/videos").json()["used"] == kept["size"]
            assert same.http.get(kept["stream"]).content == sample_video()
            living.send(content[2_000_000:], END)
            assert living.answer().status == 202
            assert neighbour.settled(going_on["id"])["status"] == "ready"
            # An end as supervisors have it breaks off what is under way, and tidies up.
            with wire(other.url) as last:
                begun(last, neighbour, content[:2_000_000], len(content), count=2)
                other.end()
            assert asyncio.run(left_by(settings, neighbour.email)) == [Status.READY]
        if settings.mongodb_uri is None:
            files = {each.name for each in (settings.data_dir / "videos").iterdir()}
            assert files == {f"{kept['id']}.mp4", f"{going_on['id']}.mp4"}


async def left_by(settings: Settings, email: str) -> list[Status]:
    """Return how the videos of somebody are, as nobody works on them any more."""
    rows, _ = drivers(settings)
    await rows.open()
    try:
        assert await rows.leased() == []
        return [each.status for each in await rows.of_owner(user_id_of(email))]
    finally:
        await rows.close()


def test_three_processes_with_one_storage(
    start: Callable[..., ServiceProcess], auth: tuple[FakeAuth, str]
) -> None:
    services = [start() for _ in range(3)]
    for each in services:
        each.wait()
    apis = [Api(each.url, auth[0]) for each in services]
    with ExitStack() as stack:
        first = stack.enter_context(apis[0].visitor())
        others = [stack.enter_context(each.visitor(first.email)) for each in apis[1:]]
        ids = [same.upload().json()["id"] for same in (first, *others)]
        for video_id, looking in zip(ids, (others[1], first, others[0]), strict=True):
            video = looking.settled(video_id)
            assert looking.http.get(video["stream"]).content == sample_video()
        assert len(first.videos()) == 3
        for video_id, deleting in zip(ids, (others[0], others[1], first), strict=True):
            assert deleting.http.delete(f"/videos/{video_id}").status_code == 204
        assert [each.videos() for each in (first, *others)] == [[], [], []]
