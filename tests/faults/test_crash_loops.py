"""What crashes again and again is tried less and less, then no more, and says why."""

import asyncio
import itertools
from collections.abc import Sequence

from tests.faults.load import Load
from tests.faults.waiting import in_loop
from tests.faults.watching import Document, Watch
from tests.journeys.project import SampleProject
from tests.journeys.scripts import SLIDER

LOOP = "import os, sys\nsys.stderr.write('no database\\n')\nos._exit(7)\n"

PAUSES = (0.5, 1.0, 2.0)
"""Seconds between a crash and the next try, but for the jitter; after the first there are none."""

JITTER = 0.25
"""The part of a pause by which it may be shorter or longer."""

SLACK = 2.0
"""Seconds by which a busy machine may be late."""

APPS = ("loop-a", "loop-b")


@in_loop
async def test_it_backs_off_gives_up_and_begins_afresh(busy: SampleProject) -> None:
    for app in APPS:
        busy.add(app, LOOP)
    async with Load(busy.url, {"one": 2}, ("/", "/app/one/_stcore/host-config")) as load:
        async with Watch(busy) as watch:
            failed = await asyncio.to_thread(busy.run, "refresh", code=1)
            reason = "exited with code 7: no database; gave up after 5 crashes in a row"
            assert reason in failed.stdout + failed.stderr
            for app in APPS:
                found = watch.last["apps"][app]
                assert (found["state"], found["error"]) == ("failed", reason)
                assert found["log"][-1] == "no database"
                assert found["last_end"]["reason"] == "exited with code 7: no database"
            pauses = [waited(watch.seen, app) for app in APPS]
        for found in pauses:
            for pause, wanted in zip(found, PAUSES, strict=True):
                assert wanted * (1 - JITTER) - 0.01 <= pause <= wanted * (1 + JITTER) + SLACK
        assert any(abs(a - b) > 0.01 for a, b in zip(*pauses, strict=True)), "they are in step"
        # Visitors are told at once: nobody waits for what does not come.
        page = await asyncio.to_thread(busy.get, "/app/loop-a/", Accept="text/html")
        assert page.status == 503
        assert "gave up after 5 crashes" in page.body, page.body

        # A restart is a new beginning: all the tries again, or a success at once.
        for app in APPS:
            (busy.root / "apps" / app / "app.py").write_text(SLIDER)
            await asyncio.to_thread(busy.run, "restart", app)
        status = await asyncio.to_thread(busy.status)
        for mended in (status["apps"][app] for app in APPS):
            assert (mended["state"], mended["error"]) == ("running", None)
    report = load.report()
    assert (report.failed, report.breaks, report.wrong) == ((), (), ())


def waited(seen: Sequence[tuple[float, Document]], app: str) -> list[float]:
    """Return how long it was left alone after its second crash, its third, and so on."""
    found = []
    states = [(at, document["apps"][app]) for at, document in seen if app in document["apps"]]
    for state, group in itertools.groupby(states, lambda each: each[1]["state"]):
        if state == "backoff":
            began, first = next(group)
            ended = next(at for at, each in states if at > began and each["state"] != "backoff")
            if first["restarts"]:
                found.append(ended - began)
    return found
