"""The code on disk is replaced: `reload` runs it, and nobody who is there notices."""

import asyncio
import shutil
import signal
from functools import partial

import psutil
import pytest

from streamlit_controls.client import Client
from streamlit_controls.project import Project
from tests.faults.asking import UNREAD
from tests.faults.installed import (
    KEEPER,
    MANAGER,
    PATHS,
    TABS,
    Installed,
    nothing_lost,
    pids,
    status,
    wakes,
)
from tests.faults.knocking import Knocking
from tests.faults.load import Load
from tests.faults.waiting import in_loop, until


@in_loop
async def test_reload_runs_new_code_and_loses_nothing(installed: Installed) -> None:
    async with Load(installed.url, TABS, PATHS) as load:
        await asyncio.to_thread(installed.run, "sleep", "two")
        before = await status(installed)
        keeper = installed.process(KEEPER)
        with (
            Knocking(installed) as knocking,
            installed.edited("__init__.py", '__version__ = "', '__version__ = "9.'),
        ):
            await until(lambda: knocking.answers, "an answer")
            said = await asyncio.to_thread(installed.run, "reload")
            after = await status(installed)
        manager = after["manager"]
        assert manager["version"] == f"9.{before['manager']['version']}"
        kept = f"{len(pids(before, 'one') + pids(before, 'three')) + 1} processes were kept"
        assert said.stdout == (
            f"The manager runs version {manager['version']}, as pid {manager['pid']}; {kept}\n"
        )
        assert (knocking.refused, knocking.cut) == ([], [])
        assert keeper.is_running()
        assert "--held-fd" in keeper.cmdline(), "the keeper runs the new code too"
        assert manager["pid"] != before["manager"]["pid"]
        assert manager["gateway"]["pid"] == before["manager"]["gateway"]["pid"]
        assert pids(after, "one") == pids(before, "one")
        assert pids(after, "three") == pids(before, "three")
        old = before["manager"]["site"]["pid"]
        await until(lambda: not psutil.pid_exists(old), "the old site's end")
        assert await wakes(installed, "two")
        await asyncio.to_thread(installed.run, "restart", "three")
    nothing_lost(load)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("keeper/keeper.py", "import socket", "import sockets", "'sockets'"),
        ("manager/daemon.py", ".board import", ".boards import", "boards'"),
        ("core/replica.py", "keeps_socket: bool", "another: bool", "not as this code reads"),
        ("../streamlit_site/__main__.py", "import gc", "import gc(", "SyntaxError"),
    ],
)
def test_code_that_could_not_take_over_changes_nothing(
    installed: Installed, name: str, old: str, new: str, said: str
) -> None:
    before = installed.status()
    with installed.edited(name, old, new):
        refused = installed.run("reload", code=1)
    assert said in refused.stderr
    assert "nothing has changed" in refused.stderr
    after = installed.status()
    assert after["manager"]["pid"] == before["manager"]["pid"]
    assert after["manager"]["site"]["pid"] == before["manager"]["site"]["pid"]


def test_the_manager_needs_nothing_of_its_environment_any_more(installed: Installed) -> None:
    """An upgrade replaces it while the manager runs, before `reload` is called."""
    (packages,) = (installed.code / ".state/venv/lib").glob("python*/site-packages")
    client = Client.for_project(Project(installed.root))
    pid = client.request("status")["manager"]["pid"]
    packages.rename(packages.with_name("replaced"))
    try:
        for verb in ("restart", "sleep", "start", "stop", "start"):
            assert client.request(verb, app="three")["apps"]["three"], verb
        assert client.request("refresh")["changed"] == []
        assert client.request("status")["manager"]["pid"] == pid
    finally:
        packages.with_name("replaced").rename(packages)


@in_loop
async def test_a_manager_that_hangs_is_replaced(installed: Installed) -> None:
    """After a minute; a keeper that waits for less long is put into place by a reload."""
    impatient = "keeper/keeper.py", "LOOK = 1.0\nSILENCE = 60.0", "LOOK = 0.2\nSILENCE = 2.0"
    often = "manager/link.py", "BEAT = 5.0", "BEAT = 0.2"
    async with Load(installed.url, TABS, PATHS) as load:
        with installed.edited(*impatient), installed.edited(*often):
            old = (await status(installed))["manager"]["site"]["pid"]
            await asyncio.to_thread(installed.run, "reload")
            # Its successor is to hear of the apps before nobody can tell it of them.
            await until(lambda: not psutil.pid_exists(old), "the old site's end")
            while (await asyncio.to_thread(installed.get, "/")).status != 200:
                await asyncio.sleep(0.05)
            before = await status(installed)
            with Knocking(installed) as knocking:
                manager = installed.process(MANAGER)
                manager.send_signal(signal.SIGSTOP)
                await until(partial(knocking.by_another_than, manager.pid), "its successor")
            assert knocking.refused == []
            assert pids(await status(installed), "one") == pids(before, "one")
        await asyncio.to_thread(installed.run, "reload")
    nothing_lost(load)


@in_loop
async def test_the_gateway_is_replaced_only_if_its_program_is_another(installed: Installed) -> None:
    caddy = installed.code / ".state/venv/bin/caddy"
    original = caddy.rename(caddy.with_name("original"))
    try:
        shutil.copy2(original, caddy)
        before = (await status(installed))["manager"]["gateway"]["pid"]
        said = await asyncio.to_thread(installed.run, "reload")
        assert "gateway" not in said.stdout
        assert (await status(installed))["manager"]["gateway"]["pid"] == before
        caddy.unlink()  # one that runs cannot be written to
        caddy.write_bytes(original.read_bytes() + b"another")
        caddy.chmod(0o755)
        async with Load(installed.url, TABS, PATHS) as load:
            said = await asyncio.to_thread(installed.run, "reload")
            assert "The gateway is replaced too" in said.stdout
            await load.until(lambda report: len(report.breaks) == len(load.tabs), "new connections")
            report = load.report()
            assert (report.lost, report.wrong) == ((), ())
            # Who comes while there is none waits for it; only what the old one has accepted and
            # not read yet when it ends may be closed.
            failed = [each for each in report.failed if not each.cut_off]
            assert [each for each in failed if UNREAD not in each.why] == []
            assert len(failed) <= 2
        assert (await status(installed))["manager"]["gateway"]["pid"] != before
    finally:
        original.replace(caddy)
