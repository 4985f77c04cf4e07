"""The front-end files of each Streamlit version, once for all apps."""

import asyncio
import contextlib
import logging
import shutil
import sys
import tempfile
from pathlib import Path

from streamlit_controls import disk
from streamlit_controls.core.environment import digest
from streamlit_controls.manager import program
from streamlit_controls.manager.frontends import MARK, Frontend, frontend
from streamlit_controls.project import CODE_ROOT, Project

TIMEOUT = 300.0
"""Seconds that making a folder may take; it takes some three where nobody else works."""

RECIPE = tuple(
    CODE_ROOT / "streamlit_controls" / name
    for name in ("core/frontend.py", "manager/asset_maker.py")
)
"""The code that decides what a folder holds."""

log = logging.getLogger(__name__)


class Assets:
    """Makes a folder of compressed files per version, from which the gateway serves all apps."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.state / "assets"
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("making-*"):
            shutil.rmtree(left, ignore_errors=True)  # by a manager that was killed
        self._alone = asyncio.Lock()
        self._refused: set[str] = set()

    async def made(self, python: Path) -> Path | None:
        """Return the folder for the Streamlit of an interpreter's environment, made if need be.

        None is for apps that serve their own files: where those are unlike the ones that were
        packed, or unlike those of the folder that was made for the same version.
        """
        front = await asyncio.to_thread(frontend, python)
        if front is None:
            return None
        folder = self._folder / f"streamlit-{front.version}"
        mark = f"{front.digest} {_recipe()}"
        if _is_due(folder, mark):
            async with self._alone:
                if _is_due(folder, mark) and mark not in self._refused:
                    try:
                        await self._make(python, front, folder, mark)
                    except OSError as error:  # no room, perhaps: another time
                        log.warning("assets: %s cannot be made: %s", folder.name, error)
        return folder if _mark(folder).startswith(front.digest) else None

    async def _make(self, python: Path, front: Frontend, folder: Path, mark: str) -> None:
        """Make beside, then rename: a folder that is there is whole."""
        making = Path(tempfile.mkdtemp(prefix="making-", dir=self._folder))
        before = making.with_name(f"{making.name}-before")
        try:
            complaint = await _maker(python, making, mark)
            if complaint is not None:
                if not any(disk.lacking(self._project)):
                    self._refused.add(mark)
                log.warning(
                    "assets: no files of Streamlit %s for all apps: %s", front.version, complaint
                )
                return
            with contextlib.suppress(FileNotFoundError):
                folder.rename(before)
            making.rename(folder)
        finally:
            shutil.rmtree(making, ignore_errors=True)
            shutil.rmtree(before, ignore_errors=True)


async def _maker(python: Path, into: Path, mark: str) -> str | None:
    """Run the program that makes a folder; return its complaint if it cannot."""
    module = "streamlit_controls.manager.asset_maker"
    command = [sys.executable, "-m", module, str(python), str(into), mark]
    try:
        code, _, complaint = await program.run(command, cwd=CODE_ROOT, seconds=TIMEOUT)
    except TimeoutError:
        return f"they were not compressed within {TIMEOUT:.0f} seconds"
    last = complaint.strip().rpartition("\n")[2]
    return last or f"exit code {code}" if code else None


def _is_due(folder: Path, mark: str) -> bool:
    """Tell whether a folder is missing, or made from the same files in another way."""
    there = _mark(folder)
    return there != mark and (not there or there.split()[0] == mark.split()[0])


def _mark(folder: Path) -> str:
    try:
        return (folder / MARK).read_text()
    except FileNotFoundError:
        return ""


def _recipe() -> str:
    """Return what differs where a new release of ours makes folders in another way."""
    return digest({path.name: path.read_text() for path in RECIPE})
