"""`restart`: replace an app's processes by new ones."""

import click

from streamlit_controls.client import Client
from streamlit_controls.controller import options
from streamlit_controls.controller.outcome import finish
from streamlit_controls.controller.progress import app_address, carry_out
from streamlit_controls.controller.session import pass_project
from streamlit_controls.project import Project


@click.command("restart")
@options.app_argument(required=True)
@options.as_json
@pass_project
def command(project: Project, app: str, as_json: bool) -> None:
    """Restart an APP and its services; wait until it answers."""
    client = Client.for_project(project)
    reply = carry_out(client, "restart", app, as_json=as_json)
    finish(reply, as_json=as_json, say=lambda _: app_address(client, app))
