"""`sleep`: end an app's processes until somebody opens it."""

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options
from streamlit_controls.controller.outcome import finish
from streamlit_controls.controller.progress import app_address, carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.project import Project


@click.command("sleep")
@options.app_argument(required=True)
@click.option("--force", is_flag=True, help="Even if sessions are open: they end.")
@options.as_json
@pass_project
def command(project: Project, app: str, force: bool, as_json: bool) -> None:
    """Put an APP and its services to sleep; its next visitor wakes it."""
    client = Client.for_project(project)
    reply = carry_out(client, "sleep", app, as_json=as_json, force=force)
    finish(reply, as_json=as_json, say=lambda _: app_address(client, app))
