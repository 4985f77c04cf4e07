"""`status`: how everything is doing."""

import shutil
import sys
import time

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options, output, status_view
from streamlit_controls.controller.inventory import unknown
from streamlit_controls.controller.session import pass_project
from streamlit_controls.project import Project


@click.command("status")
@options.app_argument(required=False)
@options.as_json
@pass_project
def command(project: Project, app: str | None, as_json: bool) -> None:
    """Show how all apps, or one APP, and the site are doing."""
    document = Client.for_project(project).request("status")
    if app is not None:
        if app not in document["apps"]:
            raise unknown(app, list(document["apps"]))
        document = {**document, "apps": {app: document["apps"][app]}}
    if as_json:
        output.show_json(document)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    now = time.time()
    for line in status_view.lines(document, now, width):
        output.echo(line)
    if app is not None:
        for line in status_view.last_ends(document, now):
            output.echo(line)
