"""From a unit to the command that runs it: arguments, environment variables, folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streamlit_controls.core.references import filled
from streamlit_controls.core.surroundings import (
    NEEDED,
    OF_GATEWAY,
    OF_OUR_OWN,
    chosen,
    chosen_at_start,
)
from streamlit_controls.core.unit import Kind, Unit

ROOM, ROOM_FOR_VARIABLES = 400, 2000
"""Bytes that a zygote's command line and its variables have to spare, for those of a fork."""

ZYGOTES = "@zygotes"
"""What the home of zygotes is called: no app's key has such a character."""

INSTANCE = "STREAMLIT_CONTROLLER_INSTANCE"
"""The variable by which a process, and whatever it starts, is known as an instance's.

It stands first: in a fork, only the first variables can be seen from outside.
"""

GATEWAY_FD = "GATEWAY_FD"
"""The variable in which the gateway finds its socket's number: its configuration names it."""


@dataclass(frozen=True)
class Places:
    """Where what is launched lies: the code, the project, our own environment."""

    code: Path
    project: Path
    prefix: Path


@dataclass(frozen=True)
class Launch:
    """How to start one process."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path


def launch(
    unit: Unit,
    instance: str,
    *,
    python: Path,
    script: str,
    listen_fd: int,
    upstream_fd: int,
    probe_fd: int,
    report_fd: int,
    places: Places,
    inherited: Mapping[str, str],
) -> Launch:
    """Return the launch of a new instance of a unit.

    `python` is its environment's interpreter, `script` an app's entry point; the descriptors are
    the socket of its port, the one by which the gateway reaches a page, the one by which a
    service is asked how it is, and the pipe on which it reports; `inherited` are the manager's own
    variables. Raises LaunchError where the unit's variables refer to one that is not there.
    """
    run = places.project / ".state/run"
    match unit.kind:
        case Kind.STREAMLIT:
            runner = places.code / "streamlit_controls/runner/page.py"
            argv = [str(python), str(runner), script, "--base-path", unit.base_path(instance)]
            argv += ["--fd", str(listen_fd), "--upstream-fd", str(upstream_fd)]
            argv += ["--report-fd", str(report_fd)]
        case Kind.ASGI:
            runner = places.code / "streamlit_controls/runner/service.py"
            argv = [str(python), str(runner), unit.asgi or "", "--root-path", unit.prefix]
            argv += ["--fd", str(listen_fd), "--probe-fd", str(probe_fd)]
            argv += ["--report-fd", str(report_fd)]
        case Kind.COMMAND:
            argv = [_fill(word, unit) for word in unit.command]
        case Kind.SITE:
            argv = [str(places.prefix / "bin/python"), "-P", "-m", "streamlit_site"]
            argv += ["--project", str(places.project), "--fd", str(listen_fd)]
        case Kind.GATEWAY:
            argv = [str(places.prefix / "bin/caddy"), "run", "--config", "gateway.json"]
    cwd = run if unit.kind is Kind.GATEWAY else unit.dir
    env = {INSTANCE: instance, **_variables(unit, python, listen_fd, places, inherited)}
    return Launch(tuple(argv), env, cwd)


def zygote(
    python: Path,
    preload: Sequence[str],
    *,
    control_fd: int,
    places: Places,
    inherited: Mapping[str, str],
    passed: Sequence[str] = (),
) -> Launch:
    """Return the launch of the zygote of an environment; `preload` are modules to import too.

    `passed` are the patterns of what apps get of the manager's variables. Hardly any of those are
    for a zygote: what it knew, each of its forks would have in memory.
    """
    runner = places.code / "streamlit_controls/runner/zygote.py"
    argv = [str(python), str(runner), "--control-fd", str(control_fd)]
    argv += [f"--preload={name}" for name in preload]
    argv.append(f"--room={'-' * ROOM}")
    found = chosen_at_start(inherited, passed) | _of_environment(python, inherited)
    found["HOME"] = str(own_folders(ZYGOTES, places.project)[0])
    found["STREAMLIT_CONTROLLER_ROOM"] = "-" * ROOM_FOR_VARIABLES
    return Launch(tuple(argv), found, places.project / ".state/run/zygote")


def own_folders(app: str, project: Path) -> tuple[Path, Path]:
    """Return the home of an app, and the folder for what it can make again."""
    return project / ".state/homes" / app, project / ".state/cache/apps" / app


def _of_environment(python: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that the programs of an environment get."""
    folder = python.parent
    return {
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": str(folder.parent),
        "PATH": f"{folder}:{inherited.get('PATH', '/usr/bin:/bin')}",
    }


def _variables(
    unit: Unit, python: Path, listen_fd: int, places: Places, inherited: Mapping[str, str]
) -> dict[str, str]:
    if unit.kind is Kind.SITE:
        # What is left of a project is known by variables that lead to its state.
        own = {"XDG_CACHE_HOME": str(places.project / ".state/cache/site")}
        return chosen(inherited, NEEDED, OF_OUR_OWN) | own | {"PYTHONPATH": str(places.code)}
    if unit.kind is Kind.GATEWAY:
        state = places.project / ".state" / "gateway"
        homes = {"XDG_DATA_HOME": str(state), "XDG_CONFIG_HOME": str(state)}
        return chosen(inherited, NEEDED, OF_GATEWAY) | homes | {GATEWAY_FD: str(listen_fd)}
    found = chosen(inherited, NEEDED, unit.pass_env) | _of_environment(python, inherited)
    home, cache = own_folders(unit.app or "", places.project)
    found |= {"HOME": str(home), "CACHE_DIR": str(cache)}
    found["STREAMLIT_CONTROLLER_APP"] = unit.app or ""
    if unit.service is not None:
        found |= {"HOST": "127.0.0.1", "PORT": str(unit.port), "ROOT_PATH": unit.prefix}
    return found | filled(unit.env, found)


def _fill(word: str, unit: Unit) -> str:
    return word.replace("{port}", str(unit.port)).replace("{host}", "127.0.0.1")
