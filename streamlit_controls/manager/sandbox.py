"""Puts processes into sandboxes: finds out what each needs of this machine."""

import asyncio
import os
import pwd
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from streamlit_controls import configuration
from streamlit_controls.bubblewrap import bubblewrap
from streamlit_controls.core.errors import LaunchError
from streamlit_controls.core.launch import Launch, own_folders
from streamlit_controls.core.sandbox import TEMPORARY, View, wrapped
from streamlit_controls.core.unit import Unit
from streamlit_controls.project import CODE_ROOT, Project

RUNNER = CODE_ROOT / "streamlit_controls/runner"

SYSTEM = ("/usr", "/etc", "/bin", "/sbin", "/dev", "/proc", "/sys")
"""Where no account's home is hidden: some accounts of the system name such a folder."""

CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
"""Variables that name files, or folders, which a process in a sandbox has to see, too."""

HOPS = 40
"""Symbolic links on one path, at the most; the kernel's own limit."""


class Sandbox:
    """Puts processes into sandboxes, once this machine has shown that it allows that."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._program: Path | None = None

    async def prepare(self) -> None:
        """Find out whether sandboxes are possible; raise LaunchError where they are not."""
        if self._program is not None:
            return
        try:
            self._program = await asyncio.to_thread(bubblewrap)
        except LaunchError as error:
            raise LaunchError(f"it cannot have a sandbox: {error.message}", error.hint) from error

    def wrap(self, unit: Unit, how: Launch, python: Path) -> Launch:
        """Return the launch in a sandbox; `python` is the interpreter of the unit's environment."""
        assert self._program is not None
        entrance = (str(python), "-I", "-S", str(RUNNER / "unblocked.py"))
        return wrapped(how, self._program, self._view(unit, python), entrance)

    def _view(self, unit: Unit, python: Path) -> View:
        spec = unit.environment
        app = (spec.base or spec.folder) if spec is not None else unit.dir
        for folder in (app, unit.dir):
            if folder.resolve().is_relative_to(self._project.state.resolve()):
                raise LaunchError(f"its sandbox would have to show {folder}", "correct its dir")
        links: dict[Path, str] = {}
        wanted = [app, unit.dir, python.parent.parent, RUNNER, *_of_machine()]
        readable = {follow(path, links) for path in wanted if path.exists()}
        readable |= {follow(each, links).parent.parent for each in _interpreters(python)}
        own = own_folders(unit.app or "", self._project.root)
        temporary = _existing(Path(path) for path in TEMPORARY)
        return View(
            hidden=tuple(each for each in _existing(self._private()) if each not in temporary),
            temporary=tuple(temporary),
            readable=tuple(sorted(readable)),
            writable=(*(follow(path, links) for path in own), *_writable(unit, app)),
            links=links,
        )

    def _private(self) -> Iterator[Path]:
        """Yield the folders in which people and programs keep what is theirs."""
        yield from (Path("/home"), Path("/root"), Path("/run"))
        homes = {Path(os.environ.get("HOME", "/"))}
        with suppress(KeyError):
            homes.add(Path(pwd.getpwuid(os.getuid()).pw_dir))
        yield from (home for home in homes if not any(map(home.is_relative_to, SYSTEM)))
        yield CODE_ROOT
        yield from (self._project.root, self._project.apps, self._project.logs, self._project.state)


def follow(path: Path, links: dict[Path, str]) -> Path:
    """Return where a path leads in the end, and note the symbolic links on the way."""
    here, rest = Path("/"), list(reversed(path.parts[1:]))
    for _ in range(HOPS):
        while rest:
            step = here / rest.pop()
            if step.name == "..":
                here = here.parent
            elif step.is_symlink():
                links[step] = str(step.readlink())
                target = step.readlink()
                here = Path("/") if target.is_absolute() else here
                rest += reversed(target.parts[1:] if target.is_absolute() else target.parts)
                break
            else:
                here = step
        else:
            return here
    raise LaunchError(f"{path} leads nowhere: it has too many symbolic links")


def _of_machine() -> Iterator[Path]:
    """Yield what each process needs of what is hidden: how names and certificates are found."""
    yield Path("/etc/resolv.conf")
    yield from (Path(os.environ[name]) for name in CERTIFICATES if os.environ.get(name))


def _interpreters(python: Path) -> Iterator[Path]:
    """Yield the interpreter of an environment, and those that it was made from."""
    yield python
    try:
        lines = configuration.text_of(python.parent.parent / "pyvenv.cfg").splitlines()
    except (OSError, ValueError):
        return
    settings = {
        key.strip(): value.strip() for key, _, value in (each.partition("=") for each in lines)
    }
    for name in (python.name, python.resolve().name):
        base = Path(settings.get("home", "/")) / name
        if base.exists():
            yield base


def _writable(unit: Unit, app: Path) -> list[Path]:
    """Return the folders in an app's own that it may write to, made if need be.

    One within another is left out: the app could have made it a link to anywhere.
    """
    root, found = app.resolve(), list[Path]()
    for folder in sorted((app / name).resolve() for name in unit.writable):
        if not folder.is_relative_to(root):
            raise LaunchError(f"writable: {folder} is not in its folder", "correct writable")
        if any(folder.is_relative_to(other) for other in found):
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LaunchError(f"writable: {folder} cannot be made: {error.strerror}") from error
        found.append(folder)
    return found


def _existing(paths: Iterable[Path]) -> list[Path]:
    """Return the folders that are there, each once, as what they are."""
    real = {path.resolve() for path in paths}
    return sorted(path for path in real if path.is_dir() and path != Path("/"))
