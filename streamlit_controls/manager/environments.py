"""Virtual environments: finds those of the operator, builds the others, once each."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from streamlit_controls.core.environment import (
    Built,
    Default,
    Existing,
    choose,
    digest,
)
from streamlit_controls.core.errors import BuildError
from streamlit_controls.core.unit import EnvironmentSpec, Kind
from streamlit_controls.manager import program, requirements
from streamlit_controls.manager.installed import from_folders
from streamlit_controls.project import Project, write_atomically

BUILD_TIMEOUT = 1200.0
"""Seconds that resolving, or installing, may take."""

PARALLEL_BUILDS = 2


class Environments:
    """Gives each unit the interpreter of its environment; two that ask for the same share it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._locks: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(PARALLEL_BUILDS)
        for left in project.environments.glob("building-*"):
            shutil.rmtree(left, ignore_errors=True)  # by a manager that was killed

    async def python(self, spec: EnvironmentSpec, kind: Kind) -> Path:
        """Return the interpreter of a unit's environment, built first if need be.

        Raises BuildError with the resolver's own words.
        """
        choice = choose(spec, kind, Path.exists)
        match choice:
            case Existing(folder):
                interpreter = folder / "bin/python"
                if not interpreter.exists():
                    where = self._project.shown(folder)
                    raise BuildError(
                        f"{where} is no virtual environment: it has no bin/python",
                        "make it with python -m venv, or remove venv from its configuration",
                    )
                return interpreter
            case Built() | Default():
                return await self._built(choice)

    async def _built(self, choice: Built | Default) -> Path:
        # Reading may take a while, and somebody else's requirements are no reason to stand still.
        wanted = requirements.Requirements(choice, self._project)
        inputs = digest(await asyncio.to_thread(wanted.inputs))
        async with self._locks.setdefault(inputs, asyncio.Lock()):
            lock = self._project.environments / f"{inputs}.lock"
            if not lock.exists():
                self._project.environments.mkdir(parents=True, exist_ok=True)
                async with self._slots:
                    write_atomically(lock, await self._resolve(choice), mode=0o600)
            name = digest(await asyncio.to_thread(wanted.resolved, lock.read_text()))
        async with self._locks.setdefault(name, asyncio.Lock()):
            folder = self._project.environments / name
            if not folder.exists():
                async with self._slots:
                    await self._install(lock, folder, choice)
            return folder / "bin/python"

    async def _resolve(self, choice: Built | Default) -> str:
        if isinstance(choice, Default):
            return requirements.DEFAULT_LOCK.read_text()
        wanted = list(choice.extras)
        # What the runner merely likes must not stand in the way of what the app requires.
        needed = [extra for extra in wanted if extra == "streamlit"]
        said = ""
        for extras in (wanted, needed):
            code, out, said = await self._compile(choice, extras)
            if not code:
                return out
        where = self._project.shown(choice.source)
        raise BuildError(f"{where} cannot be resolved: {said}", f"correct {where}")

    async def _compile(self, choice: Built, extras: Sequence[str]) -> tuple[int, str, str]:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join(extras) + "\n")
            file.flush()
            command = ["pip", "compile", "--no-header", "--no-annotate", "--emit-index-url"]
            command += ["--emit-find-links", *self._python_flag(choice.python)]
            return await self._uv([*command, choice.source.name, file.name], choice.source.parent)

    async def _install(self, lock: Path, folder: Path, choice: Built | Default) -> None:
        """Build beside, then rename: an environment that is there is whole."""
        self._project.environments.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix="building-", dir=folder.parent))
        try:
            venv = ["venv", "--relocatable", "--allow-existing", *self._python_flag(choice.python)]
            install = ["pip", "sync", "--python", str(building / "bin/python"), str(lock)]
            cwd = choice.source.parent if isinstance(choice, Built) else folder.parent
            await self._build([*venv, str(building)], cwd)
            await self._build(install, cwd)
            if folders := from_folders(building):
                # Of these uv's cache may have builds of earlier days: it looks at their date only.
                anew = [flag for name in folders for flag in ("--reinstall-package", name)]
                await self._build([*install, *anew], cwd)
            for packages in building.glob("lib/python3*/site-packages"):
                # Else the first import would make it, and the environment seem to have changed.
                (packages / "__pycache__").mkdir(exist_ok=True)
            building.rename(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)

    async def _build(self, arguments: Sequence[str], cwd: Path) -> None:
        code, _, said = await self._uv(arguments, cwd)
        if code:
            raise BuildError(f"its environment cannot be built: {said}")

    def _python_flag(self, python: str | None) -> list[str]:
        return ["--python", python or getattr(sys, "_base_executable", sys.executable)]

    async def _uv(self, arguments: Sequence[str], cwd: Path) -> tuple[int, str, str]:
        """Run uv; return its exit code, what it wrote and what it complained of."""
        uv = [str(Path(sys.prefix) / "bin/uv"), "--quiet", "--color=never", "--no-progress"]
        try:
            code, out, complaint = await program.run(
                [*uv, *arguments], cwd=cwd, seconds=BUILD_TIMEOUT, env=uv_variables(self._project)
            )
        except TimeoutError:
            return 1, "", f"uv did not finish within {BUILD_TIMEOUT:.0f} seconds"
        return code, out, _tidy(complaint)


def uv_variables(project: Project) -> dict[str, str]:
    """Return the variables for uv: the system's certificates, and a cache inside the project.

    The cache is on the same file system as the environments, so that files are linked and a
    second environment with the same packages costs no disk.
    """
    variables = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    variables.setdefault("UV_SYSTEM_CERTS", "true")
    variables.setdefault("UV_CACHE_DIR", str(project.state / "cache" / "uv"))
    return variables


def _tidy(complaint: str) -> str:
    """Return uv's complaint as one line without its ornaments."""
    lines = [line.strip(" ×╰─▶│├╭") for line in complaint.strip().splitlines()]
    words = [line.removeprefix("error: ").removeprefix("cause: ") for line in lines if line]
    return " ".join(words)[:1500]
