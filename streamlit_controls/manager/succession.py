"""Gives this manager's place to the next, which runs the code that is on disk by then."""

import asyncio
import filecmp
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from streamlit_controls.core import protocol
from streamlit_controls.core.errors import ControllerError, Leaving
from streamlit_controls.core.protocol import Message
from streamlit_controls.core.unit import GATEWAY, SITE
from streamlit_controls.manager import program
from streamlit_controls.manager.desired import Desired, remembered
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.manager.store import Store
from streamlit_controls.project import Project

CHECK_SECONDS = 60.0
"""What each program may take to come up and say that it could."""

LAST_WORDS = 0.05
"""Seconds in which those who have asked for something hear their reply."""

TURNS = 50
"""Turns of the event loop that these have at least, however busy the machine is."""

RETRY = 1.0
"""Seconds between two tries, where the disk or the keeper stands in the way."""

LAST_LINES = 12
PROGRAMS = ("caddy", "uv")

log = logging.getLogger(__name__)


class Unfit(ControllerError):
    """What is on disk could not take over; carries the last lines that it said."""

    def __init__(self, message: str, said: list[str]) -> None:
        super().__init__(message, "mend it, or put the old code back: nothing has changed")
        self.log = said


class Succession:
    """Ends this manager, and nothing else, once it is sure that another can follow.

    `save` writes down what runs, or raises OSError; `pause` leaves whoever comes from now on to
    the next manager; `gateway` tells the gateway's pid.
    """

    def __init__(
        self,
        project: Project,
        desired: Desired,
        link: KeeperLink,
        *,
        save: Callable[[], None],
        pause: Callable[[], None],
        gateway: Callable[[], int | None],
    ) -> None:
        self._project = project
        self._desired = desired
        self._link = link
        self._save = save
        self._pause = pause
        self._gateway = gateway
        self._end: asyncio.Task[None] | None = None

    async def make_way(self) -> AsyncIterator[Message]:
        """Answer, and end once that is heard; where another could not follow, say so and go on."""
        try:
            await check(self._project)
        except Unfit as error:
            yield protocol.failure(error, {"log": error.log})
            return
        renewed = [SITE]
        pid = self._gateway()
        if pid is not None and await asyncio.to_thread(is_outdated, pid, own_program("caddy")):
            renewed.append(GATEWAY)  # it cuts websockets: for nothing less than another program
        if self._desired.leaving:
            raise Leaving("everything is being stopped")
        self._desired.renew_own(renewed)
        try:
            self._save()
        except OSError as error:
            raise ControllerError(
                f"what runs cannot be written down for the next manager: {error.strerror}",
                "free some disk space",
            ) from error
        try:
            yield protocol.reply({"pid": os.getpid(), "gateway": GATEWAY in renewed})
        finally:
            self._pause()
            self._end = asyncio.create_task(self._hand_over())

    async def _hand_over(self) -> None:
        await asyncio.sleep(LAST_WORDS)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        while not self._desired.leaving:
            try:
                self._save()
                self._link.make_way()
            except (OSError, ControllerError) as error:
                log.error("the manager cannot make way yet: %s", error)
                await asyncio.sleep(RETRY)
                continue
            log.info("manager %s makes way", os.getpid())
            # As abruptly as if it were killed: nothing that it looks after is to hear of it.
            os._exit(0)


async def check(project: Project) -> None:
    """Raise Unfit where the code on disk, or its environment, could not take over."""
    root = ["--project", str(project.root)]
    programs = {
        "keeper": ["-m", "streamlit_controls.keeper", *root, "--check"],
        "manager": ["-m", "streamlit_controls.manager", *root, "--check"],
        "site": ["-c", "from streamlit_site import __main__, create_app"],
    }
    trials = (_comes_up(name, arguments) for name, arguments in programs.items())
    for outcome in await asyncio.gather(*trials, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


def look_over(project: Project) -> int:
    """Say what a manager could not go on with, now that its code is loaded; return an exit code."""
    missing = [each for each in PROGRAMS if not os.access(own_program(each), os.X_OK)]
    for name in missing:
        log.error("%s is not there", own_program(name))
    readable = not project.state_file.exists() or _reads(project)
    if not readable:
        log.error("what runs, in %s, is not as this code reads it", project.state_file)
    return 0 if readable and not missing else 1


def _reads(project: Project) -> bool:
    """Tell whether what the manager has written down means something to this code."""
    memory = Store(project.state_file).load()
    try:
        return memory is not None and bool(remembered(project, memory))
    except ControllerError as error:
        log.error("%s", error.message)
        return False


def own_program(name: str) -> Path:
    """Return where a program of our own environment lies."""
    return Path(sys.prefix) / "bin" / name


def is_outdated(pid: int, file: Path) -> bool:
    """Tell whether a process runs another program than the one that is in its place now."""
    running = Path(f"/proc/{pid}/exe")
    try:
        return not running.samefile(file) and not filecmp.cmp(running, file, shallow=False)
    except OSError:  # gone, or not to be looked at
        return False


async def _comes_up(name: str, arguments: list[str]) -> None:
    try:
        code, output, complaint = await program.run(
            [sys.executable, "-P", *arguments], cwd=Path.cwd(), seconds=CHECK_SECONDS
        )
    except TimeoutError as error:
        raise Unfit(f"the {name} on disk says nothing for {CHECK_SECONDS:.0f} s", []) from error
    said = f"{output}{complaint}".splitlines()[-LAST_LINES:]
    if code:
        raise Unfit(f"the {name} on disk does not come up: {said[-1] if said else ''}", said)
