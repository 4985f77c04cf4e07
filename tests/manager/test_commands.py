"""The verbs, on a reconciler whose processes start, fail and end as a test wants."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from streamlit_controls.core import protocol
from streamlit_controls.core.errors import (
    ConfigError,
    ControllerError,
    Leaving,
    ProtocolError,
    UnknownApp,
)
from streamlit_controls.core.events import Exited, Prepared, Ready, Refused
from streamlit_controls.core.lifecycle import State
from streamlit_controls.core.protocol import Message, Request
from streamlit_controls.core.replica import Instance, Replica
from streamlit_controls.core.snapshot import Snapshot, unmeasured
from streamlit_controls.core.unit import Unit
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.commands import Commands
from streamlit_controls.manager.desired import Desired
from streamlit_controls.manager.reconciler import Reconciler
from streamlit_controls.project import Project
from tests.manager.fake_engine import FakeEngine
from tests.support.asynchronous import bounded
from tests.support.projects import make_app, make_project


class Obedient(FakeEngine):
    """Processes that do at once what they are told, but for what is in `refusing` or `holding`."""

    def __init__(self) -> None:
        super().__init__()
        self.refusing: dict[str, str] = {}
        self.holding: set[str] = set()
        self.post: Any = None

    def prepare(self, replica: Replica, unit: Unit) -> None:
        if unit.name in self.refusing:
            self.post(Refused(replica.number, self.refusing[unit.name]))
        elif unit.name not in self.holding:
            self.post(Prepared(replica.number, Path("/python"), "app.py"))

    def launch(self, replica: Replica, unit: Unit, prepared: Prepared) -> Instance:
        made = super().launch(replica, unit, prepared)
        self.post(Ready(replica.number, made.id))
        return made

    def drain(self, replica: Replica) -> None:
        self.terminate(replica)

    def terminate(self, replica: Replica) -> None:
        assert replica.instance is not None
        if replica.unit not in self.holding:
            self.post(Exited(replica.number, replica.instance.id, "exited with code 0"))


@dataclass
class Manager:
    """The manager's parts, without processes and sockets."""

    project: Project
    engine: Obedient = field(default_factory=Obedient)
    stopped: int = 0

    def __post_init__(self) -> None:
        self.desired = Desired(self.project, None)
        self.board = Board(Snapshot(self.desired.config, {}, ()))
        self.reconciler = Reconciler(self.engine, self._publish, self.engine.clock)
        self.engine.post = self.reconciler.post
        self.commands = Commands(
            self.desired,
            self.board,
            wished=self.wished,
            routed=self._routed,
            shut_down=self._shut_down,
            make_way=self._make_way,
            about=lambda measured: {"pid": 1, "measured": measured},
            measure=unmeasured,
        )

    def wished(self) -> None:
        self.reconciler.wish(self.desired.units, self.desired.wishes())

    async def ask(self, verb: str, **args: object) -> list[Message]:
        return [message async for message in self.commands(Request(verb, args))]

    async def reply(self, verb: str, **args: object) -> Message:
        return (await self.ask(verb, **args))[-1]

    def states(self, unit: str) -> list[State]:
        return [each.state for each in self.board.snapshot.of(unit)]

    async def _routed(self) -> None:
        await asyncio.sleep(0)

    async def _make_way(self) -> AsyncIterator[Message]:
        yield protocol.reply({"pid": 1})

    async def _shut_down(self) -> int:
        self.stopped += 1
        return 4

    def _publish(self) -> None:
        self.board.publish(
            Snapshot(
                self.desired.config,
                self.reconciler.wishes,
                self.reconciler.replicas,
                self.desired.problems,
            )
        )


@contextlib.asynccontextmanager
async def manager(tmp_path: Path, *apps: str) -> AsyncIterator[Manager]:
    made = Manager(make_project(tmp_path, {}, *(apps or ("hello", "other"))))
    made.wished()
    working = asyncio.create_task(made.reconciler.run())
    try:
        yield made
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


def told(messages: list[Message]) -> list[tuple[str, str]]:
    return [(each["app"], each["state"]) for each in messages if each["type"] == "progress"]


@bounded
async def test_start_waits_for_all_and_tells_of_each(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        *progress, reply = await it.ask("start")
        assert {app for app, _ in told(progress)} == {"website", "gateway", "hello", "other"}
        assert told(progress)[-1][1] == "running"
        assert reply["ok"]
        assert {key: app["state"] for key, app in reply["result"]["apps"].items()} == {
            "hello": "running",
            "other": "running",
        }
        assert reply["result"]["url"] == "http://127.0.0.1:5000/"


@bounded
async def test_start_tells_what_failed(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        it.engine.refusing = {"hello": "no Streamlit", "@gateway": "port 5000 is taken"}
        reply = await it.reply("start")
        assert not reply["ok"]
        assert (reply["error"]["code"], reply["error"]["exit_code"]) == ("failed", 1)
        expected = "the gateway does not run: port 5000 is taken; hello is not well"
        assert reply["error"]["message"] == expected
        assert reply["result"]["apps"]["hello"]["error"] == "no Streamlit"
        assert reply["result"]["apps"]["other"]["state"] == "running"


@bounded
async def test_stop_and_start_of_one(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        *progress, reply = await it.ask("stop", app="hello")
        assert told(progress)[-1] == ("hello", "stopped")
        assert (reply["ok"], reply["result"]["apps"]["hello"]["state"]) == (True, "stopped")
        assert it.states("other") == [State.RUNNING]
        reply = await it.reply("start", app="hello")
        assert (reply["ok"], it.states("hello")) == (True, [State.RUNNING])
        assert (await it.ask("start", app="hello"))[0]["ok"], "nothing to tell of what runs"


@bounded
async def test_a_stop_that_is_taken_back_ends(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        it.engine.holding = {"hello"}
        stopping = asyncio.create_task(it.ask("stop", app="hello"))
        while it.states("hello") != [State.DRAINING]:
            await asyncio.sleep(0)
        (ending,) = it.board.snapshot.of("hello")
        it.engine.holding = set()
        starting = asyncio.create_task(it.reply("start", app="hello"))
        with pytest.raises(ControllerError, match="hello was started again meanwhile"):
            await stopping
        assert ending.instance is not None
        it.reconciler.post(Exited(ending.number, ending.instance.id, "exited with code 0"))
        assert (await starting)["ok"]


@bounded
async def test_restart(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        before = it.board.snapshot.of("hello")[0].instance
        assert (await it.reply("restart", app="hello"))["ok"]
        after = it.board.snapshot.of("hello")[0]
        assert (after.generation, after.instance == before) == (2, False)
        assert it.board.snapshot.of("other")[0].generation == 1


@bounded
async def test_restart_into_failure(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        it.engine.refusing = {"hello": "a syntax error"}
        reply = await it.reply("restart", app="hello")
        assert not reply["ok"]
        hello = reply["result"]["apps"]["hello"]
        assert (hello["state"], hello["error"]) == ("running", "a syntax error")


@pytest.mark.parametrize("verb", ["start", "refresh"])
@bounded
async def test_what_failed_is_tried_again(tmp_path: Path, verb: str) -> None:
    async with manager(tmp_path, "hello") as it:
        it.engine.refusing = {"hello": "a broken requirements.txt"}
        await it.ask("start")
        it.engine.refusing = {}
        args = {"app": "hello"} if verb == "start" else {}
        assert (await it.reply(verb, **args))["ok"]
        assert it.states("hello") == [State.RUNNING]


@pytest.mark.parametrize("verb", ["start", "refresh"])
@bounded
async def test_a_replacement_that_failed_is_tried_again(tmp_path: Path, verb: str) -> None:
    async with manager(tmp_path, "hello") as it:
        await it.ask("start")
        it.engine.refusing = {"hello": "a broken requirements.txt"}
        await it.ask("restart", app="hello")
        it.engine.refusing = {}
        args = {"app": "hello"} if verb == "start" else {}
        assert (await it.reply(verb, **args))["ok"]
        assert it.board.snapshot.error("hello") is None


@bounded
async def test_a_gateway_that_failed_is_tried_again(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        it.engine.refusing = {"@gateway": "port 5000 is taken"}
        assert not (await it.reply("start"))["ok"]
        it.engine.refusing = {}
        assert (await it.reply("refresh"))["ok"]
        assert it.states("@gateway") == [State.RUNNING]


@bounded
async def test_refresh(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        make_app(it.project, "new")
        document = json.loads(it.project.config_file.read_text())
        document["apps"]["other"]["env"] = {"A": "1"}
        it.project.config_file.write_text(json.dumps(document))
        reply = await it.reply("refresh")
        assert reply["ok"]
        result = reply["result"]
        assert (result["added"], result["changed"]) == (("new",), ("other",))
        assert (result["removed"], result["problems"]) == ((), [])
        assert set(result["apps"]) == {"new", "other"}
        assert [each.generation for each in it.board.snapshot.of("other")] == [2]


@bounded
async def test_refresh_of_nothing_new_waits_for_nothing(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        for _ in range(2):
            (reply,) = await it.ask("refresh")
            assert (reply["ok"], reply["result"]["changed"]) == (True, ())


@bounded
async def test_refresh_waits_for_what_is_being_tried_already(tmp_path: Path) -> None:
    """As when files are mended, and the manager sees that before anybody says so."""
    async with manager(tmp_path) as it:
        await it.ask("start")
        it.engine.holding = {"hello"}
        it.desired.try_anew(["hello"])
        refreshing = asyncio.create_task(it.reply("refresh"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not refreshing.done()
        (replica,) = (each for each in it.board.snapshot.of("hello") if each.generation == 2)
        it.engine.holding.clear()
        it.engine.prepare(replica, it.desired.units["hello"])
        reply = await refreshing
        assert (reply["ok"], set(reply["result"]["apps"])) == (True, {"hello"})


@bounded
async def test_refresh_with_a_bad_edit(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        it.project.config_file.write_text("{")
        with pytest.raises(ConfigError):
            await it.ask("refresh")
        while not it.board.snapshot.problems:
            await asyncio.sleep(0)
        assert it.states("hello") == [State.RUNNING]
        status = (await it.reply("status"))["result"]
        assert status["manager"]["problems"][0]["message"].startswith("line 1, column 2")


@bounded
async def test_status_and_watch(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        (reply,) = await it.ask("status")
        assert reply["result"]["manager"]["measured"] is True
        watching = it.commands(Request("watch", {}))
        first = await anext(watching)
        assert first["type"] == "snapshot"
        assert first["snapshot"]["manager"]["measured"] is False
        await it.ask("start")
        assert (await anext(watching))["snapshot"]["apps"]["hello"]["state"] == "running"
        await watching.aclose()  # type: ignore[attr-defined]


@bounded
async def test_shutdown(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        assert (await it.reply("shutdown"))["result"] == {"stopped": 4}
        assert it.stopped == 1


@pytest.mark.parametrize(
    ("verb", "args", "error"),
    [
        ("reboot", {}, ProtocolError),
        ("", {}, ProtocolError),
        ("status", {"app": "hello"}, ProtocolError),
        ("shutdown", {"app": "hello"}, ProtocolError),
        ("restart", {"ap": "hello"}, ProtocolError),
        ("restart", {"app": 5}, ProtocolError),
        ("restart", {}, UnknownApp),
        ("restart", {"app": None}, UnknownApp),
        ("stop", {"app": "helo"}, UnknownApp),
        ("start", {"app": "@site"}, UnknownApp),
        ("stop", {"app": "hello.api"}, UnknownApp),
    ],
)
@bounded
async def test_refused(
    tmp_path: Path, verb: str, args: dict[str, object], error: type[Exception]
) -> None:
    async with manager(tmp_path) as it:
        await it.ask("start")
        before = it.board.snapshot
        with pytest.raises(error):
            await it.ask(verb, **args)
        await asyncio.sleep(0)
        assert it.board.snapshot == before


@bounded
async def test_reload_answers_by_itself(tmp_path: Path) -> None:
    async with manager(tmp_path) as it:
        assert await it.ask("reload") == [protocol.reply({"pid": 1})]
        with pytest.raises(ProtocolError, match=r"args\.app: unknown key"):
            await it.ask("reload", app="hello")
        it.desired.leave()
        with pytest.raises(Leaving):
            await it.ask("reload")
