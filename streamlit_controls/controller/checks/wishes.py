"""Is what the operator wrote in order, and are there environments for it."""

from collections.abc import Iterator

from streamlit_controls.configuration import configured
from streamlit_controls.controller.checks.check import Check, fail, ok, warn
from streamlit_controls.core.errors import ConfigError
from streamlit_controls.project import Project


def configuration(project: Project) -> Iterator[Check]:
    try:
        config = configured(project)
    except ConfigError as error:
        for problem in error.problems:
            where = problem.path or project.config_file.name
            yield fail("config.json", f"{where}: {problem.message}", problem.hint)
        return
    broken = [(app, problem) for app in config.apps for problem in app.problems]
    for app, problem in broken:
        yield fail(f"app {app.key}", f"{problem.path}: {problem.message}", problem.hint)
    for app in config.apps:
        if not app.dir.is_dir():
            yield fail(f"app {app.key}", f"{app.dir} is not there", "correct dir in config.json")
    number = len(config.apps)
    yield ok("config.json", f"is in order, with {number} {'app' if number == 1 else 'apps'}")


def environments(project: Project) -> Iterator[Check]:
    try:
        config = configured(project)
    except ConfigError:
        return  # said above
    for app in config.apps:
        if app.venv and not (app.venv / "bin" / "python").exists():
            yield fail(
                f"app {app.key}",
                f"its environment {app.venv} has no bin/python",
                "make it, or remove venv from config.json: then one is built",
            )
    folder = project.environments
    built = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    if built:
        yield ok("environments", f"{len(built)} built in {folder}")
    elif config.apps:
        yield warn("environments", "none is built yet", "the next start builds them")
