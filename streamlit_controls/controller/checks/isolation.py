"""Can apps that ask for a sandbox have one."""

import os
from collections.abc import Iterator

from streamlit_controls.bubblewrap import bubblewrap
from streamlit_controls.configuration import configured
from streamlit_controls.controller.checks.check import Check, fail, ok, warn
from streamlit_controls.core.errors import ConfigError, LaunchError
from streamlit_controls.project import Project


def sandbox(project: Project) -> Iterator[Check]:
    try:
        apps = [app.key for app in configured(project).apps if app.isolation == "sandbox"]
    except ConfigError:
        apps = []  # the configuration is another check's
    try:
        program = bubblewrap()
    except LaunchError as error:
        if apps:
            yield fail("sandbox", f"{', '.join(apps)}: {error.message}", error.hint)
        else:
            yield ok("sandbox", f"no app asks for one; there could be none: {error.message}")
        return
    yield ok("sandbox", f"is possible, by {program}")
    if apps and os.geteuid() == 0:
        yield warn(
            "sandbox",
            "runs as root: what only root may read on this machine, apps can read too",
            "run the controller by an account of its own",
        )
