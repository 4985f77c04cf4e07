"""A restart takes nothing from anybody: no request, no session, no download that is under way."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import connect

from tests.faults import scripts
from tests.faults.asking import Wire
from tests.faults.load import RATE, Load
from tests.faults.waiting import PATIENCE, in_loop, until
from tests.faults.watching import Watch
from tests.journeys.project import COMMAND, SampleProject
from tests.support.streamlit_client import StreamlitClient

PATHS = (
    "/",
    "/app/one/",
    "/app/one/_stcore/host-config",
    "/app/one/api/",
    "/app/two/_stcore/host-config",
)
"""What asks the site, pages, apps and a service."""

ROUNDS = 3
"""How often an app comes, changes and goes."""

SOON = 20.0
"""Seconds within which who waits for a restart is told; far less than several tries take."""

NAME = "word-{}-py3-none-any.whl"


def pids(unit: dict[str, Any], state: str) -> list[int]:
    """Return the processes of an app's page, or of a service, that are in a state."""
    return [each["pid"] for each in unit["instances"] if each["state"] == state]


async def gone(*processes: int) -> None:
    """Wait for the end of processes."""
    await until(lambda: not any(map(psutil.pid_exists, processes)), "the end of the old process")


@in_loop
async def test_open_tabs_stay_new_ones_go_to_the_new_process(busy: SampleProject) -> None:
    async with Load(busy.url, {"one": 4, "two": 2}, PATHS) as load, Watch(busy) as watch:
        tabs = load.of("one")
        (old,) = {tab.pid for tab in tabs}
        await asyncio.to_thread(busy.run, "restart", "one")
        (newcomer,) = await load.open("one")
        assert newcomer.pid != old
        (instance,) = (
            each for each in watch.last["apps"]["one"]["instances"] if each["pid"] == old
        )
        assert (instance["state"], instance["sessions"]) == ("draining", 4)
        assert instance["drains_until"] - time.time() == pytest.approx(600, abs=60)

        # Again, while the first one drains: each stays where it is.
        await asyncio.to_thread(busy.run, "restart", "one")
        runs = [tab.runs for tab in load.tabs]
        await until(
            lambda: all(tab.runs > before for tab, before in zip(load.tabs, runs, strict=True)),
            "another run of each tab",
        )
        assert {tab.pid for tab in tabs} == {old}
        assert newcomer.pid in pids(watch.last["apps"]["one"], "draining")

        middle = newcomer.pid
        await load.close([newcomer, *tabs])
        await gone(middle, old)
        report = load.report()
    assert report.failed == ()
    assert report.breaks == ()
    assert report.wrong == ()


@in_loop
async def test_apps_that_come_change_and_go_cost_the_others_nothing(busy: SampleProject) -> None:
    """The gateway gets no new configuration for them: that would cut off who connects just then."""
    before = told(busy)
    async with Load(busy.url, {"one": 2, "two": 2}, PATHS, rate=4 * RATE) as load:
        for turn in range(ROUNDS):
            folder = busy.add("guest", scripts.COUNTER, app_toml=scripts.SERVICE_MANIFEST)
            (folder / "served.py").write_text(scripts.SERVICE)
            added = await asyncio.to_thread(busy.run, "refresh")
            assert "guest" in added.stdout
            for path in ("/app/guest/", "/app/guest/api/"):
                page = await asyncio.to_thread(busy.get, path, Accept="text/html")
                assert page.status == 200
            manifest = scripts.SERVICE_MANIFEST.replace('"api"', f'"other-{turn}"')
            (folder / "app.toml").write_text(manifest)
            await asyncio.to_thread(busy.run, "refresh")
            moved = await asyncio.to_thread(busy.get, f"/app/guest/other-{turn}/")
            assert moved.status == 200
            document = json.loads(busy.config.read_text())
            del document["apps"]["guest"]
            busy.config.write_text(json.dumps(document))
            shutil.rmtree(folder)
            await asyncio.to_thread(busy.run, "refresh")
            gone = await asyncio.to_thread(busy.get, "/app/guest/", Accept="text/html")
            assert gone.status == 404
    report = load.report()
    assert (report.failed, report.breaks, report.wrong) == ((), (), ())
    assert told(busy) == before


def told(project: SampleProject) -> int:
    """Return how often the gateway was given a configuration: each time it says the same of it."""
    said = (project.root / "logs/gateway.log").read_text()
    return said.count("HTTP/2 skipped because it requires TLS")


@in_loop
async def test_when_the_time_to_leave_is_over_tabs_move_on(busy: SampleProject) -> None:
    paths = ("/app/brief/", "/app/brief/_stcore/host-config", *PATHS)
    async with Load(busy.url, {"brief": 3, "two": 2}, paths) as load:
        (old,) = {tab.pid for tab in load.of("brief")}
        await asyncio.to_thread(busy.run, "restart", "brief")
        restarted = time.monotonic()
        await load.until(lambda report: len(report.breaks) == 3, "the move of the tabs")
        await gone(old)
    report = load.report()
    assert report.failed == ()
    assert report.wrong == ()
    assert {each.app for each in report.lost} == {"brief"}
    assert len(report.lost) == 3, "as their time is over, their sessions are"
    assert all(each.back_at for each in report.lost), "but the tabs live on"
    assert all(each.at > restarted + 1 for each in report.lost), "they had their time"


@in_loop
async def test_what_a_service_has_begun_it_ends(busy: SampleProject) -> None:
    folder = busy.root / "apps/one"
    (folder / "go").unlink(missing_ok=True)
    (folder / "asked").unlink(missing_ok=True)
    socket = f"{busy.url}app/one/api/socket".replace("http", "ws", 1)
    async with Load(busy.url, {"one": 1}, PATHS) as load, connect(socket, proxy=None) as talk:
        await talk.send("who?")
        old = str(await talk.recv())
        wires = [Wire(busy.url), Wire(busy.url)]
        held, late = (
            asyncio.create_task(wire.get(f"/app/one/api/{what}"))
            for wire, what in zip(wires, ("held", "late"), strict=True)
        )
        await until((folder / "asked").exists, "the requests at the service")
        await asyncio.to_thread(busy.run, "restart", "one")
        async with connect(socket, proxy=None) as another:
            await another.send("who?")
            assert await another.recv() != old, "newcomers go to the new process"
        assert not held.done()
        (folder / "go").touch()
        for answer in (await held, await late):
            assert answer.status == 200
            assert answer.body.lstrip(b"x").decode() == old
        assert len((await held).body) == 1_000_000 + len(old)
        await talk.send("who?")
        assert await talk.recv() == old
        await talk.close()
        for wire in wires:
            wire.close()
        await gone(int(old))
    assert load.report().failed == ()


@pytest.mark.parametrize(
    ("broken", "reasons"),
    [
        ("def f(:\n", ["SyntaxError: invalid syntax (app.py, line 1)"]),
        ("import nosuchmodule\n", ["No module named 'nosuchmodule' (app.py, line 1)"]),
        (
            "import streamlit as st\nst.write('on')\n\nst.write([][1])\n",
            ["IndexError: list index out of range (app.py, line 4)", "st.write([][1])"],
        ),
        (
            "import os\nprint('last words', flush=True)\nos._exit(3)\n",
            ["exited with code 3: last words; gave up after 5 crashes in a row"],
        ),
    ],
    ids=["syntax", "import", "script", "crash"],
)
@in_loop
async def test_a_broken_version_replaces_nobody(
    busy: SampleProject, broken: str, reasons: list[str]
) -> None:
    script = busy.root / "apps/two/app.py"
    async with Load(busy.url, {"two": 3}, PATHS) as load, Watch(busy) as watch:
        (old,) = {tab.pid for tab in load.of("two")}
        script.write_text(broken)
        try:
            failed = await asyncio.to_thread(busy.run, "restart", "two", code=1)
            said = failed.stdout + failed.stderr
            for reason in reasons:
                assert reason in said
            (newcomer,) = await load.open("two")
            assert newcomer.pid == old
            app = watch.last["apps"]["two"]
            assert (app["state"], pids(app, "running")) == ("running", [old])
            assert reasons[0] in app["error"]
        finally:
            script.write_text(scripts.COUNTER)
            await asyncio.to_thread(busy.run, "restart", "two")
        assert watch.last["apps"]["two"]["error"] is None
        assert {tab.pid for tab in load.of("two")} == {old}
    report = load.report()
    assert (report.failed, report.breaks, report.wrong) == ((), (), ())


@in_loop
async def test_a_version_that_never_answers_replaces_nobody(busy: SampleProject) -> None:
    folder = busy.root / "apps/one"
    manifest = (folder / "app.toml").read_text()
    (folder / "app.toml").write_text(f"{manifest}start_timeout = '2s'\n")
    await asyncio.to_thread(busy.run, "refresh")
    async with Load(busy.url, {"one": 2}, PATHS) as load, Watch(busy) as watch:
        (old,) = pids(watch.last["apps"]["one"]["services"]["served"], "running")
        (folder / "served.py").write_text("import time\ntime.sleep(600)\n")
        try:
            began = time.monotonic()
            failed = await asyncio.to_thread(busy.run, "restart", "one", code=1)
            assert 2 < time.monotonic() - began < SOON
            said = failed.stdout + failed.stderr
            assert "one/served: failed: did not answer within 2 seconds, its start_timeout" in said
            served = watch.last["apps"]["one"]["services"]["served"]
            assert pids(served, "running") == [old]
        finally:
            (folder / "served.py").write_text(scripts.SERVICE)
            (folder / "app.toml").write_text(manifest)
            await asyncio.to_thread(busy.run, "refresh")
            await asyncio.to_thread(busy.run, "restart", "one")
        app = watch.last["apps"]["one"]
        assert (app["error"], app["services"]["served"]["error"]) == (None, None)
    report = load.report()
    assert (report.failed, report.breaks, report.wrong) == ((), (), ())


def test_what_serves_in_place_of_a_broken_version_does_not_sleep(busy: SampleProject) -> None:
    """Nobody but this process has the last version that worked."""
    script = busy.root / "apps/two/app.py"
    busy.run("restart", "two")
    (running,) = pids(busy.status()["apps"]["two"], "running")
    script.write_text("1 / 0\n")
    try:
        busy.run("restart", "two", code=1)
        command = [str(COMMAND), "--project", str(busy.root), "sleep", "two", "--force"]
        refused = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert refused.returncode == 1
        assert "two" in refused.stderr
        assert pids(busy.status()["apps"]["two"], "running") == [running]
    finally:
        script.write_text(scripts.COUNTER)
        busy.run("restart", "two")


@in_loop
async def test_requirements_that_cannot_be_met_replace_nothing(busy: SampleProject) -> None:
    """Also what sleeps, or crashes, meanwhile comes back in the environment that it had."""
    script = f"{scripts.COUNTER}\nimport word\nst.write(word.WORD)\n"
    folder = busy.add("words", script, requirements_txt=f"streamlit\n./{NAME.format(1)}\n")
    make_wheel(folder, 1)
    await asyncio.to_thread(busy.run, "refresh")
    page = f"{busy.url}app/words/"
    (folder / "requirements.txt").write_text(f"streamlit\n./{NAME.format(2)}\n")
    await asyncio.to_thread(busy.run, "sleep", "words")
    async with Load(busy.url, {"words": 2, "one": 1}, PATHS) as load, Watch(busy) as watch:
        assert await asyncio.to_thread(shown, page) == "word 1"
        (old,) = {tab.pid for tab in load.of("words")}
        os.kill(old, signal.SIGKILL)
        await load.until(lambda report: len(report.lost) == 2, "the tabs' return")
        assert await asyncio.to_thread(shown, page) == "word 1"

        failed = await asyncio.to_thread(busy.run, "restart", "words", code=1)
        assert "requirements.txt cannot be resolved" in failed.stdout + failed.stderr
        assert await asyncio.to_thread(shown, page) == "word 1"

        make_wheel(folder, 2)
        await asyncio.to_thread(busy.run, "refresh")
        assert watch.last["apps"]["words"]["error"] is None
        assert await asyncio.to_thread(shown, page) == "word 2"
    report = load.report()
    assert (report.failed, report.wrong, len(report.breaks)) == ((), (), 2)


def shown(page: str) -> str:
    """Return what a visitor of a page sees last."""
    with StreamlitClient(page) as visitor:
        return visitor.run()[-1]


def make_wheel(folder: Path, version: int) -> None:
    """Make a package `word` as a file that needs no building, to the byte the same each time."""
    info = f"word-{version}.dist-info"
    files = {
        "word.py": f"WORD = 'word {version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: word\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(folder / NAME.format(version), "w") as file:
        for name, text in files.items():
            file.writestr(zipfile.ZipInfo(name), text)
