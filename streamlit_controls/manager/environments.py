"""Virtual environments: finds those of the operator, builds the others, once each."""

import asyncio
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from streamlit_controls import configuration
from streamlit_controls.core.environment import (
    Built,
    Default,
    Existing,
    choose,
    digest,
    included,
    is_local,
)
from streamlit_controls.core.errors import BuildError
from streamlit_controls.core.unit import EnvironmentSpec, Kind
from streamlit_controls.manager import program
from streamlit_controls.project import Project, write_atomically

BUILD_TIMEOUT = 1200.0
"""Seconds that resolving, or installing, may take."""

DEFAULT_LOCK = Path(__file__).resolve().parent.parent / "runner" / "default.lock"
"""What the shared default environment holds, with exact versions."""

PARALLEL_BUILDS = 2

LARGEST = 4 * 1024 * 1024
"""Bytes of requirements, with all that they include; lists with hashes have a tenth of that."""


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
        inputs = digest(await asyncio.to_thread(self._inputs, choice))
        async with self._locks.setdefault(inputs, asyncio.Lock()):
            lock = self._project.environments / f"{inputs}.lock"
            if not lock.exists():
                self._project.environments.mkdir(parents=True, exist_ok=True)
                async with self._slots:
                    write_atomically(lock, await self._resolve(choice), mode=0o600)
            texts = {"lock": lock.read_text()}
            name = digest({**texts, **_place(choice, texts), **self._platform(choice.python)})
        async with self._locks.setdefault(name, asyncio.Lock()):
            folder = self._project.environments / name
            if not folder.exists():
                async with self._slots:
                    await self._install(lock, folder, choice)
            return folder / "bin/python"

    def _inputs(self, choice: Built | Default) -> Mapping[str, str]:
        """Return all that decides what a resolution gives, but the registry's own state."""
        match choice:
            case Built(source, extras, python):
                texts = self._texts(source)
                return {
                    "extras": "\n".join(extras),
                    **texts,
                    **_place(choice, texts),
                    **self._platform(python),
                }
            case Default(python):
                return {"default": DEFAULT_LOCK.read_text(), **self._platform(python)}

    def _texts(self, source: Path) -> dict[str, str]:
        """Return a requirements file and those that it includes, by name."""
        found: dict[str, str] = {}
        waiting, left = [source], LARGEST
        while waiting:
            file = waiting.pop()
            if str(file) in found:
                continue
            found[str(file)] = text = self._text(file, left)
            left -= len(text.encode())
            waiting.extend(
                file.parent / name for line in text.split("\n") for name in included(line)
            )
        return {("source" if name == str(source) else name): text for name, text in found.items()}

    def _text(self, file: Path, most: int) -> str:
        try:
            return configuration.text_of(file, most)
        except (OSError, ValueError) as error:
            shown = self._project.shown(file)
            reason = getattr(error, "strerror", None) or error
            where = shown if shown.isprintable() else repr(shown)
            raise BuildError(f"{where} cannot be read: {reason}") from error

    def _platform(self, python: str | None) -> Mapping[str, str]:
        version = python or ".".join(map(str, sys.version_info[:3]))
        return {"python": version, "platform": sysconfig.get_platform()}

    async def _resolve(self, choice: Built | Default) -> str:
        if isinstance(choice, Default):
            return DEFAULT_LOCK.read_text()
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
            for arguments in ([*venv, str(building)], install):
                code, _, said = await self._uv(arguments, cwd)
                if code:
                    raise BuildError(f"its environment cannot be built: {said}")
            for packages in building.glob("lib/python3*/site-packages"):
                # Else the first import would make it, and the environment seem to have changed.
                (packages / "__pycache__").mkdir(exist_ok=True)
            building.rename(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)

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


def _place(choice: Built | Default, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the folder to which relative paths in requirements belong, if there are any."""
    if isinstance(choice, Built) and any(is_local(text) for text in texts.values()):
        return {"folder": str(choice.source.parent)}
    return {}


def _tidy(complaint: str) -> str:
    """Return uv's complaint as one line without its ornaments."""
    lines = [line.strip(" ×╰─▶│├╭") for line in complaint.strip().splitlines()]
    words = [line.removeprefix("error: ").removeprefix("cause: ") for line in lines if line]
    return " ".join(words)[:1500]
