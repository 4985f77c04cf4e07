"""Starts a manager as its keeper does: `python -m streamlit_controls.manager`."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
from pathlib import Path

from streamlit_controls import disk
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.manager import succession
from streamlit_controls.manager.daemon import Daemon
from streamlit_controls.manager.link import KeeperLink
from streamlit_controls.project import Project

log = logging.getLogger(__name__)


def main() -> int:
    """Run a manager; return its exit code."""
    parser = argparse.ArgumentParser(prog="streamlit_controls.manager")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--link-fd", type=int)
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--check", action="store_true", help="end: say what is not as it should be")
    arguments = parser.parse_args()
    project = Project(arguments.project)
    if arguments.check:
        return succession.look_over(project)
    for descriptor in (arguments.link_fd, arguments.ready_fd):
        if descriptor is not None:
            os.set_inheritable(descriptor, False)
    link = KeeperLink(project.root, socket.socket(fileno=arguments.link_fd))
    os.chdir(project.root)
    logging.basicConfig(
        handlers=_outputs(),
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    asyncio.run(_run(project, link, arguments.ready_fd))
    return 0


async def _run(project: Project, link: KeeperLink, ready: int | None) -> None:
    """Run a manager to its end in order, or as abruptly as if it were killed.

    What ends one thing after another takes what it holds from what lives on.
    """
    try:
        await _manage(project, link, ready)
    except ControllerError as error:
        log.error("%s %s", error.message, error.hint)
        for problem in getattr(error, "problems", ()):
            log.error("%s", problem)
        if ready is not None:
            said = json.dumps({"ok": False, "error": error.as_dict()})
            os.write(ready, said.encode() + b"\n")
        os._exit(1)
    except Exception:
        log.exception("the manager cannot go on")
        os._exit(1)


async def _manage(project: Project, link: KeeperLink, ready: int | None) -> None:
    try:
        for folder in (project.logs, project.environments, project.run):
            folder.mkdir(parents=True, exist_ok=True)
        project.run.chmod(0o700)
        daemon = Daemon(project, link)
    except OSError as error:
        raise disk.refusal(project, error) from error
    await daemon.run(ready)


def _outputs() -> list[logging.Handler]:
    """Return where the log goes: to stderr, and to stdout where that is another file.

    In the foreground, stdout is the log file and stderr what a service manager reads.
    """
    streams = [sys.stderr]
    with contextlib.suppress(OSError):
        if not os.path.sameopenfile(1, 2):
            streams.append(sys.stdout)
    return [logging.StreamHandler(stream) for stream in streams]


if __name__ == "__main__":
    sys.exit(main())
