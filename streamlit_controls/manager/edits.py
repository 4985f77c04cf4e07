"""Notices what people edit while the manager runs: shows it, and tries anew what had failed."""

import asyncio
import logging
from collections.abc import Callable

from streamlit_controls.core.config import Config
from streamlit_controls.core.errors import ConfigError
from streamlit_controls.manager import fingerprint, loader
from streamlit_controls.manager.board import Board
from streamlit_controls.manager.desired import Desired
from streamlit_controls.manager.process import since_boot
from streamlit_controls.manager.second_chance import SecondChance
from streamlit_controls.project import Project

INTERVAL = 2.0
"""Seconds between two looks."""

log = logging.getLogger(__name__)


class Edits:
    """Looks at config.json, at the manifests, and at the folders of what has failed.

    What is written there is only shown: `refresh` brings it into force. But what has failed is
    tried anew; `wished` is called then, and when there is something else to show.
    """

    def __init__(
        self, project: Project, desired: Desired, board: Board, wished: Callable[[], None]
    ) -> None:
        self._project = project
        self._desired = desired
        self._board = board
        self._wished = wished
        self._looked: tuple[fingerprint.Fingerprint, Config] | None = None
        apart = (project.state, project.logs)
        self._chance = SecondChance(lambda: desired.units, since_boot, apart)

    async def run(self) -> None:
        """Look again and again, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            while True:
                await asyncio.sleep(INTERVAL)
                try:
                    await self.try_anew()
                    await self.look()
                except Exception:
                    # The outermost boundary: whatever people wrote, it ends no manager.
                    log.exception("what was edited cannot be looked at")

    async def try_anew(self) -> None:
        """Wish anew what has failed and was edited since."""
        edited = await self._chance.edited(self._board.snapshot)
        if edited and not self._desired.leaving:
            log.info("%s: tried anew, as files were edited", ", ".join(edited))
            self._desired.try_anew(edited)
            self._wished()

    async def look(self) -> None:
        """Show what is wrong with what is written, or not in force, if there is anything new."""
        config = self._desired.config
        files = [self._project.config_file, *(app.dir / "app.toml" for app in config.apps)]
        files_now = await asyncio.to_thread(fingerprint.of_files, files)
        if self._looked is not None:
            before, in_force = self._looked
            if files_now == before and config is in_force:
                return
        self._looked = files_now, config
        try:
            found = await asyncio.to_thread(loader.look, self._project)
        except ConfigError as error:
            problems = error.problems
        else:
            problems = self._desired.compare(found)
        if config is not self._desired.config:
            return  # brought into force meanwhile: the next look is at that
        if problems != self._desired.problems:
            self._desired.problems = problems
            for problem in problems:
                log.warning("what was edited: %s", problem)
            self._wished()

    async def _follow(self) -> None:
        async for snapshot in self._board.changes():
            await self._chance.note(snapshot)
