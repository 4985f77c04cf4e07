"""What has to be there before a unit's process can be started."""

import sys
from pathlib import Path

from streamlit_controls.core import discovery
from streamlit_controls.core.errors import BuildError, LaunchError
from streamlit_controls.core.unit import Kind, Unit
from streamlit_controls.manager.environments import Environments
from streamlit_controls.project import Project


class Preparation:
    """Finds a unit's folder, its script and its environment, and builds the last if need be."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._environments = Environments(project)

    async def needs(self, unit: Unit, python: str | None = None) -> tuple[Path, str]:
        """Return the interpreter and the script of a unit.

        `python` is the interpreter that its last process had: while that is there it is used again,
        whatever has become of the requirements. A restart looks anew.
        Raises LaunchError or BuildError with what is missing, in words.
        """
        if unit.environment is None:
            return Path(sys.executable), ""
        if unit.problem:
            raise LaunchError(unit.problem)
        if not unit.dir.is_dir():
            raise LaunchError(
                f"its folder {self._project.shown(unit.dir)} is missing",
                "restore it, or remove the app from config.json and refresh",
            )
        script = self._script(unit) if unit.kind is Kind.STREAMLIT else ""
        if python is not None and Path(python).is_file():
            return Path(python), script
        try:
            return await self._environments.python(unit.environment, unit.kind), script
        except OSError as error:
            raise BuildError(f"its environment cannot be made: {error}") from error

    def _script(self, unit: Unit) -> str:
        where = self._project.shown(unit.dir)
        if unit.entrypoint is not None:
            if not (unit.dir / unit.entrypoint).is_file():
                raise LaunchError(
                    f"there is no {unit.entrypoint} in {where}", "correct its entrypoint"
                )
            return unit.entrypoint
        files = (path.name for path in unit.dir.iterdir() if path.is_file())
        script = discovery.entrypoint(files)
        if script is None:
            raise LaunchError(
                f"no script to start in {where}", "name it app.py, or set its entrypoint"
            )
        return script
