"""The group of all verbs; each is imported only when it is called."""

import importlib
from pathlib import Path
from typing import Any

import click

from streamlit_controls import __version__
from streamlit_controls.controller.crash import record
from streamlit_controls.controller.family import family
from streamlit_controls.controller.session import VARIABLE, project_at
from streamlit_controls.controller.silence import explained
from streamlit_controls.controller.usage import WrongUsage
from streamlit_controls.core.errors import ControllerError, ManagerNotRunning
from streamlit_controls.core.names import suggestion

PROGRAM = "streamlit_controller"
VERBS = (
    *("start", "stop", "restart", "sleep", "refresh", "reload"),
    *("status", "logs", "new", "doctor"),
)


class Verbs(click.Group):
    """Finds a verb's module by its name."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module = importlib.import_module(f"streamlit_controls.controller.verbs.{name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; say why no manager answers; what nobody foresaw goes to the project's log."""
        try:
            return super().invoke(ctx)
        except ManagerNotRunning as error:
            raise explained(error, ctx.obj, family(ctx.obj)) from error
        except (ControllerError, click.ClickException, click.Abort, click.exceptions.Exit, OSError):
            raise
        except Exception as error:
            raise record(error, ctx.obj) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            hint = suggestion(name, VERBS) or f"the verbs are {', '.join(VERBS)}"
            raise WrongUsage(f"there is no verb {name!r}", hint)
        return super().resolve_command(ctx, args)


EPILOG = """\b
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the manager is not running.
Completion (bash; zsh and fish alike):
  eval "$(_STREAMLIT_CONTROLLER_COMPLETE=bash_source streamlit_controller)"
"""


@click.group(
    cls=Verbs,
    no_args_is_help=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.option(
    "-C",
    "--project",
    "folder",
    metavar="DIR",
    envvar=VARIABLE,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=f"Folder with config.json and apps/; by default {VARIABLE}, else this program's own.",
)
@click.version_option(__version__, "-V", "--version", message="Streamlit Controller %(version)s")
@click.pass_context
def cli(context: click.Context, folder: Path | None) -> None:
    """Put every Streamlit app in apps/ on the web, behind one port."""
    context.obj = project_at(folder)
