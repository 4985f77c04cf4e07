"""What is done to a running project at random: restarts, sleeps, kills, visitors who go."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import psutil

from streamlit_controls.client import Client
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.project import Project
from tests.faults.load import Load
from tests.faults.waiting import until
from tests.journeys.project import SampleProject

SPARED = 35.0
"""Seconds for which an app is not killed again: its crashes must not count as being in a row."""

SETTLING = 2.0
"""Seconds after a keeper's death in which its manager lives: both at once is another case."""

PATIENCE = 60.0

WEIGHTS = {"restart": 6, "sleep": 2, "churn": 3, "app": 3, "site": 2, "zygote": 1}
SUPERVISORS = {"manager": 2, "keeper": 1}
"""How likely each is; at first, each is done once."""


class Chaos:
    """Does one thing after another to a project under load, as a seed says."""

    def __init__(
        self,
        project: SampleProject,
        load: Load,
        seed: int,
        pause: float,
        tell: Callable[[str], None],
    ) -> None:
        """`pause` is for how many seconds nothing is done in between, at most."""
        self.done: Counter[str] = Counter()
        self.killed: dict[int, float] = {}
        """Processes of apps that were killed, and when: their sessions are lost."""
        self.kills: list[float] = []
        """When anything was killed: an answer that had begun there is cut off."""
        self.problems: list[str] = []
        """What did not go as it should."""
        self._killed_apps: dict[str, float] = {}
        self._project = project
        self._load = load
        self._pause = pause
        self._tell = tell
        self._random = random.Random(seed)  # noqa: S311
        self._apps = sorted({tab.app for tab in load.tabs})
        self._doings: dict[str, Callable[[], Awaitable[None]]] = {
            "restart": self._restart,
            "sleep": self._sleep,
            "churn": self._churn,
            "app": self._kill_app,
            "site": self._kill_site,
            "zygote": self._kill_zygote,
            "manager": self._kill_manager,
            "keeper": self._kill_keeper,
        }
        self._due = self._random.sample(list(self._doings), len(self._doings))

    async def go_on(self, until_when: float, *, supervisors: bool) -> None:
        """Do things until a moment on the clock of `time.monotonic`; `supervisors` die, too."""
        weights = WEIGHTS | (SUPERVISORS if supervisors else {})
        while time.monotonic() < until_when:
            try:
                await self._doings[self._next(weights)]()
            except (AssertionError, OSError, ControllerError) as error:
                self.problems.append(repr(error))
            await asyncio.sleep(self._random.uniform(self._pause / 3, self._pause))

    def status(self) -> dict[str, Any]:
        """Return the manager's status document."""
        return Client.for_project(Project(self._project.root)).request("status")

    def _next(self, weights: Mapping[str, int]) -> str:
        for what in self._due:
            if what in weights:
                self._due.remove(what)
                return what
        return self._random.choices(list(weights), list(weights.values()))[0]

    async def _restart(self) -> None:
        app = self._random.choice(self._apps)
        self._note("restart", app)
        await self._command("restart", app)

    async def _sleep(self) -> None:
        """All visitors of an app leave; it sleeps; they all come again, and wake it at once."""
        app = self._random.choice(self._apps)
        self._note("sleep", app)
        tabs = self._load.of(app)
        await self._load.close(tabs)
        await self._left(app)
        await self._command("sleep", app)
        await self._load.open(app, len(tabs))

    async def _churn(self) -> None:
        """Some visitors go, others come."""
        app = self._random.choice(self._apps)
        self._note("churn", app)
        tabs = self._load.of(app)
        some = self._random.sample(tabs, max(1, len(tabs) // 2))
        await self._load.close(some)
        await self._load.open(app, len(some))

    async def _kill_app(self) -> None:
        document = await asyncio.to_thread(self.status)
        spared = time.monotonic() - SPARED
        recent = {app for app, at in self._killed_apps.items() if at > spared}
        able = [
            (app, each["pid"])
            for app in self._apps
            if app not in recent
            for each in document["apps"][app]["instances"]
            if each["state"] in {"running", "draining"}
        ]
        if not able:
            return
        app, pid = self._random.choice(able)
        self._killed_apps[app] = self.killed[pid] = time.monotonic()
        self._kill("app", pid)

    async def _kill_site(self) -> None:
        pid = (await asyncio.to_thread(self.status))["manager"]["site"]["pid"]
        if pid is not None:
            self._kill("site", pid)

    async def _kill_zygote(self) -> None:
        for zygote in self._processes("runner/zygote.py"):
            self._kill("zygote", zygote.pid)

    async def _kill_manager(self) -> None:
        before = (await asyncio.to_thread(self.status))["manager"]["pid"]
        self._kill("manager", before)

        def another() -> bool:
            try:
                return bool(self.status()["manager"]["pid"] != before)
            except (ControllerError, OSError):
                return False

        await until(another, "the next manager", PATIENCE)

    async def _kill_keeper(self) -> None:
        (before,) = self._processes("streamlit_controls.keeper")
        self._kill("keeper", before.pid)
        await until(
            lambda: any(each != before for each in self._processes("streamlit_controls.keeper")),
            "the next keeper",
            PATIENCE,
        )
        await asyncio.sleep(SETTLING)

    def _note(self, what: str, whom: str) -> None:
        self.done[what] += 1
        self._tell(f"{what}: {whom}")

    async def _left(self, app: str) -> None:
        """Wait until the manager has heard that an app's visitors have left."""

        def nobody() -> bool:
            instances = self.status()["apps"][app]["instances"]
            return not any(each["sessions"] for each in instances)

        await until(nobody, f"{app} is told to have no sessions", PATIENCE)

    async def _command(self, *arguments: str) -> None:
        done = await asyncio.to_thread(self._project.run, *arguments, code=None)
        if done.returncode:
            self.problems.append(f"{' '.join(arguments)}: {done.stderr.strip()[-300:]}")

    def _kill(self, what: str, pid: int) -> None:
        self._note(f"kill of {what}", str(pid))
        self.kills.append(time.monotonic())
        os.kill(pid, signal.SIGKILL)

    def _processes(self, word: str) -> list[psutil.Process]:
        return [each for each in self._project.processes() if word in str(each.info)]
