"""The front of an app, its page and scripts: served by the gateway, process or not."""

import asyncio
import contextlib
from collections.abc import Collection
from pathlib import Path

from streamlit_controls.core.errors import ControllerError
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager.assets import Assets
from streamlit_controls.manager.pages import Pages
from streamlit_controls.manager.preparation import Preparation
from streamlit_controls.project import Project


class Front:
    """Has the gateway serve the front-end files of instances, made once per Streamlit version."""

    def __init__(self, project: Project, preparation: Preparation) -> None:
        self._preparation = preparation
        self._assets = Assets(project)
        self._pages = Pages(project.run)
        self._showing: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: dict[str, Path] = {}
        """The files of each unit's last instance: mostly those of the next, too."""

    def show(self, unit: Unit, instance: str, python: str | None) -> None:
        """Make the files if need be, then have the page of an instance served without it.

        Where that cannot be, the instance serves its own.
        """
        if unit.kind is not Kind.STREAMLIT:
            return
        if unit.name in self._last:
            self._pages.name(instance, self._last[unit.name])
        task = self._showing[instance] = asyncio.create_task(self._show(unit, instance, python))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._shown(instance, done))
        task.add_done_callback(self._tasks.discard)

    def hide(self, instance: str) -> None:
        """Leave what is asked of an instance to whoever answers for it now."""
        task = self._showing.pop(instance, None)
        if task is not None:
            task.cancel()
        self._pages.forget(instance)

    def keep_only(self, instances: Collection[str | None]) -> None:
        """Hide all others: left by a manager that was killed."""
        self._pages.keep_only({instance for instance in instances if instance})

    async def close(self) -> None:
        """Make nothing any more; return when nothing is being made."""
        for task in self._tasks:
            if not task.cancelling():  # told twice, it would not see its program's end
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _shown(self, instance: str, task: asyncio.Task[None]) -> None:
        if self._showing.get(instance) is task:  # it may be being shown anew
            del self._showing[instance]

    async def _show(self, unit: Unit, instance: str, known: str | None) -> None:
        with contextlib.suppress(ControllerError, OSError):
            python, _ = await self._preparation.needs(unit, known)
            folder = await self._assets.made(python)
            if folder is None:
                self._last.pop(unit.name, None)
                self._pages.forget(instance)
            else:
                self._last[unit.name] = folder
                self._pages.name(instance, folder)
