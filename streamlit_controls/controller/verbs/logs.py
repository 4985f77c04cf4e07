"""`logs`: what an app, a service or one of our own processes wrote."""

import json

import click

from streamlit_controls.controller import options, output
from streamlit_controls.controller.inventory import log_file
from streamlit_controls.controller.session import pass_project
from streamlit_controls.core.errors import ControllerError
from streamlit_controls.logfile import follow, tail
from streamlit_controls.project import Project


@click.command("logs")
@options.app_argument(required=True, ours=True)
@click.option(
    "-f", "--follow", "following", is_flag=True, help="Go on with what comes, until Ctrl-C."
)
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="How many of the last lines to show.",
)
@click.option("--service", metavar="NAME", help="The log of that service of the app.")
@options.as_json
@pass_project
def command(
    project: Project, app: str, following: bool, lines: int, service: str | None, as_json: bool
) -> None:
    """Show the log of an APP, or of controller, website or gateway."""
    path = log_file(project, app, service)
    try:
        if not path.exists():
            output.echo(f"{path} is not there yet", err=True)
        for line in follow(path, lines) if following else tail(path, lines):
            said = {"app": app, "service": service, "line": line}
            output.echo(json.dumps(said, ensure_ascii=False) if as_json else line)
    except PermissionError as error:
        raise ControllerError(
            f"{path} cannot be read by this account", "use the one that started it"
        ) from error
